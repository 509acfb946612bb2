import assert from "node:assert/strict";
import { connect } from "node:net";
import { suite, test } from "node:test";
import { fastify } from "fastify";
import { connect2 } from "./clients.test.fixture.js";
import { createOnePort } from "./index.js";

/** Sends bytes, and gives all that comes back until the connection ends. */
function say(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let received = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      received += chunk;
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(received));
  });
}

suite("createOnePort() and targets of requests", { timeout: 30_000 }, () => {
  const start = async (t: { after(end: () => Promise<void>): void }) => {
    const onePort = createOnePort();
    const app = fastify({ serverFactory: onePort.serverFactory });
    t.after(() => app.close());
    app.get("/", async ({ raw }) => ({
      authority: raw.headers[":authority"] ?? raw.headers.host,
    }));
    await app.listen({ port: 0, host: "127.0.0.1" });
    const address = app.server.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  };

  test("gives a request of HTTP/1.0 without a host the server's", async (t) => {
    const port = await start(t);
    const answer = await say(port, "GET / HTTP/1.0\r\n\r\n");
    assert.match(answer, /^HTTP\/1.1 200 /);
    assert.ok(answer.endsWith(`{"authority":"127.0.0.1:${port}"}`), answer);
  });

  test("takes the host of an HTTP/2 request without an authority", async (t) => {
    const session = connect2(t, await start(t));
    const stream = session.request({ ":path": "/", host: "example.com" });
    let body = "";
    for await (const chunk of stream.setEncoding("utf8")) {
      body += chunk;
    }
    assert.deepEqual(JSON.parse(body), { authority: "example.com" });
  });

  for (const [target, host] of [
    ["/", "["],
    ["/", "a b"],
    ["http://[/", "localhost"],
  ]) {
    test(`refuses ${target} of host ${host}`, async (t) => {
      const answer = await say(
        await start(t),
        `GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1.1 400 /);
    });
  }
});
