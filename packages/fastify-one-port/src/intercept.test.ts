import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { startApp } from "./app.test.fixture.js";
import { connect2, request1, request2 } from "./clients.test.fixture.js";
import type { Http2Host, RequestInterceptor } from "./intercept.js";

/** Takes requests of HTTP/1.1 to this path. */
function createInterceptor(path: string): RequestInterceptor {
  return {
    http1(request, response) {
      if (request.url !== path) {
        return false;
      }
      response.end(`taken from ${request.httpVersion}`);
      return true;
    },
  };
}

suite("createOnePort({ intercept })", { timeout: 30_000 }, () => {
  test("takes requests of its choice before the app sees them", async (t) => {
    let seen = 0;
    const { app, port } = await startApp(t, {
      intercept: createInterceptor("/taken"),
    });
    app.server.on("request", () => {
      seen++;
    });
    assert.equal(
      String((await request1(port, "/taken")).body),
      "taken from 1.1",
    );
    assert.deepEqual(JSON.parse(String((await request1(port, "/")).body)), {
      version: "1.1",
    });
    assert.equal(seen, 2, "listeners of the server see requests of HTTP/1.1");
  });

  test("leaves what it does not look at to the app", async (t) => {
    const { port } = await startApp(t, { intercept: {} });
    assert.equal((await request1(port, "/")).status, 200);
    assert.equal((await request2(connect2(t, port), "/")).status, 200);
  });

  test("gives it the sockets of HTTP/2, and serves what it hands back", async (t) => {
    const hosts: Http2Host[] = [];
    let drained = 0;
    let sessions = 0;
    const { app, port } = await startApp(t, {
      maxConcurrentStreams: 7,
      intercept: {
        http2(socket, host) {
          hosts.push(host);
          if (host.serveNode(socket) !== undefined) {
            sessions++;
          }
          return {
            drain() {
              drained++;
              socket.destroy();
            },
          };
        },
      },
    });
    const session = connect2(t, port);
    assert.equal((await request1(port, "/")).status, 200);
    assert.deepEqual(JSON.parse(String((await request2(session, "/")).body)), {
      version: "2.0",
    });
    const [host] = hosts;
    assert.equal(hosts.length, 1, "sockets of HTTP/1.1 are not for it");
    assert.equal(sessions, 1);
    assert.equal(host?.limits.maxConcurrentStreams, 7);
    assert.equal(host?.isClosing(), false);
    const closed = app.close();
    await waitFor("the drain", () => drained === 1);
    assert.equal(host?.isClosing(), true);
    await closed;
  });
});
