import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { startApp } from "./app.test.fixture.js";
import { connect2, request1, request2 } from "./clients.test.fixture.js";
import type { RequestInterceptor } from "./intercept.js";

/** Takes what has this path, on both protocols. */
function createInterceptor(path: string): RequestInterceptor {
  return {
    http1(request, response) {
      if (request.url !== path) {
        return false;
      }
      response.end(`taken from ${request.httpVersion}`);
      return true;
    },
    http2(stream, headers) {
      if (headers[":path"] !== path) {
        return false;
      }
      stream.respond({ ":status": 200 });
      stream.end("taken from 2.0");
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
    const session = connect2(t, port);
    assert.equal(
      String((await request1(port, "/taken")).body),
      "taken from 1.1",
    );
    assert.equal(
      String((await request2(session, "/taken")).body),
      "taken from 2.0",
    );
    assert.deepEqual(JSON.parse(String((await request1(port, "/")).body)), {
      version: "1.1",
    });
    assert.deepEqual(JSON.parse(String((await request2(session, "/")).body)), {
      version: "2.0",
    });
    assert.equal(seen, 2, "listeners of the server see requests of HTTP/1.1");
  });

  test("leaves what it does not look at to the app", async (t) => {
    const { port } = await startApp(t, { intercept: {} });
    assert.equal((await request1(port, "/")).status, 200);
    assert.equal((await request2(connect2(t, port), "/")).status, 200);
  });

  test("ends idle sessions, and lets what was taken finish on close", async (t) => {
    let finish: (() => void) | undefined;
    const { app, port } = await startApp(t, {
      shutdownGraceMs: 5_000,
      intercept: {
        http2(stream) {
          stream.respond({ ":status": 200 });
          finish = () => stream.end("done");
          stream.write("begun ");
          return true;
        },
      },
    });
    const session = connect2(t, port);
    const answer = request2(session, "/any");
    let gone = false;
    session.on("goaway", () => {
      gone = true;
    });
    await waitFor("the stream", () => finish !== undefined);
    const closed = app.close();
    await waitFor("GOAWAY", () => gone);
    finish?.();
    assert.equal(String((await answer).body), "begun done");
    await closed;
  });
});
