import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needs, run } from "@both-ends/testing";
import { fastify } from "fastify";
import { startApp } from "./app.test.fixture.js";
import {
  connect2,
  connectRaw,
  request1,
  request2,
} from "./clients.test.fixture.js";
import { createOnePort } from "./index.js";

suite("createOnePort()", () => {
  test("answers HTTP/1.1 and HTTP/2 on one port at once", async (t) => {
    const { port } = await startApp(t);
    const session = connect2(t, port);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        index % 2 === 0 ? request1(port, "/") : request2(session, "/"),
      ),
    );
    for (const [index, { status, body }] of answers.entries()) {
      assert.equal(status, 200);
      const version = index % 2 === 0 ? "1.1" : "2.0";
      assert.deepEqual(JSON.parse(body.toString()), { version });
    }
  });

  test("answers both protocols from curl", needs("curl"), async (t) => {
    const { port } = await startApp(t);
    for (const [option, version] of [
      ["--http1.1", "1.1"],
      ["--http2-prior-knowledge", "2.0"],
      ["--http2", "1.1"],
    ] as const) {
      const { stdout } = await run("curl", [
        "--silent",
        option,
        `http://127.0.0.1:${port}/`,
      ]);
      assert.deepEqual(JSON.parse(stdout), { version }, option);
    }
  });

  test("answers an upgrade to h2c over HTTP/1.1, as if it were not asked", async (t) => {
    const { port } = await startApp(t);
    const { status, body } = await request1(port, "/", {
      headers: {
        connection: "upgrade, http2-settings",
        upgrade: "h2c",
        "http2-settings": "AAMAAABkAAQAAP__",
      },
    });
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(body.toString()), { version: "1.1" });
  });

  test("answers injected requests without listening", async (t) => {
    const onePort = createOnePort();
    const app = fastify({ serverFactory: onePort.serverFactory });
    t.after(() => app.close());
    app.get("/", async () => "here");
    const { body } = await app.inject("/");
    assert.equal(body, "here");
  });

  test("shows its servers once the app is made", async (t) => {
    const onePort = createOnePort();
    assert.throws(() => onePort.http1, /pass its serverFactory to fastify/);
    assert.throws(() => onePort.http2, /pass its serverFactory to fastify/);
    await assert.rejects(onePort.listen({ port: 0, host: "127.0.0.1" }));
    const app = fastify({ serverFactory: onePort.serverFactory });
    t.after(() => app.close());
    assert.equal(onePort.http1, app.server);
    assert.equal(onePort.http2.listening, false);
  });

  test("shows each HTTP/2 stream and HTTP/1.1 request before the app", async (t) => {
    const { port, onePort } = await startApp(t);
    const seen: unknown[] = [];
    onePort.http2.on("stream", (_stream, headers) => {
      seen.push(headers[":path"]);
    });
    onePort.http1.prependListener("request", ({ url }) => seen.push(url));
    await request2(connect2(t, port), "/");
    await request1(port, "/encrypted");
    assert.deepEqual(seen, ["/", "/encrypted"]);
  });

  test("refuses a second app", async (t) => {
    const { onePort } = await startApp(t);
    assert.throws(
      () => fastify({ serverFactory: onePort.serverFactory }),
      /the one port serves another app/,
    );
  });

  test("answers on localhost", async (t) => {
    const onePort = createOnePort();
    const app = fastify({ serverFactory: onePort.serverFactory });
    t.after(() => app.close());
    app.get("/", async ({ raw }) => raw.httpVersion);
    await app.listen({ port: 0, host: "localhost" });
    for (const listening of app.addresses()) {
      assert.ok(typeof listening === "object");
      const { address: host, port } = listening;
      const { body } = await request1(port, "/", { host });
      assert.equal(body.toString(), "1.1");
    }
  });

  test("serves a second address that fastify asks for", async (t) => {
    const onePort = createOnePort();
    // As fastify may for "localhost": it calls the factory with the same
    // handler, listens, and closes that server after the first one.
    const servers: ReturnType<typeof onePort.serverFactory>[] = [];
    const app = fastify({
      serverFactory(handler, options) {
        const first = onePort.serverFactory(handler, options);
        servers.push(onePort.serverFactory(handler, options));
        return first;
      },
    });
    t.after(() => app.close());
    app.get("/", async ({ raw }) => ({ version: raw.httpVersion }));
    await app.listen({ port: 0, host: "127.0.0.1" });
    const [second] = servers;
    assert.ok(second !== undefined);
    await new Promise<void>((resolve) =>
      second.listen({ port: 0, host: "127.0.0.1" }, resolve),
    );
    const address = second.address();
    assert.ok(typeof address === "object" && address !== null);
    const session = connect2(t, address.port);
    for (const answer of [
      await request1(address.port, "/"),
      await request2(session, "/"),
    ]) {
      assert.equal(answer.status, 200);
    }
    app.server.once("close", () => second.close());
    await app.close();
    await assert.rejects(connectRaw(t, address.port), { code: "ECONNREFUSED" });
  });
});
