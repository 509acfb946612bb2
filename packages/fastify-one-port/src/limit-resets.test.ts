import assert from "node:assert/strict";
import { constants } from "node:http2";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { fastify } from "fastify";
import { startApp } from "./app.test.fixture.js";
import { connect2, request2 } from "./clients.test.fixture.js";
import { createOnePort } from "./index.js";

const { NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM } = constants;

suite("createOnePort() under HTTP/2 resets", { timeout: 30_000 }, () => {
  test("hides requests from the app that come with their reset", async (t) => {
    const onePort = createOnePort();
    const app = fastify({ serverFactory: onePort.serverFactory });
    t.after(() => app.close());
    let handled = 0;
    app.get("/", async () => {
      handled += 1;
      return "";
    });
    await app.listen({ port: 0, host: "127.0.0.1" });
    const address = app.server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const session = connect2(t, port);
    // What is written in one turn leaves in one packet.
    for (let count = 0; count < 100; count++) {
      const stream = session.request({ ":path": "/" });
      stream.on("error", () => {});
      stream.close(NGHTTP2_CANCEL);
    }
    const { status } = await request2(session, "/");
    assert.equal(status, 200);
    assert.ok(handled < 50, `handled ${handled}`);
  });

  test("ends a session in which too many streams are reset", async (t) => {
    const { port } = await startApp(t);
    const session = connect2(t, port);
    let code: number | undefined;
    session.on("goaway", (goawayCode) => {
      code ??= goawayCode;
    });
    const resetSome = () => {
      for (let count = 0; count < 100 && !session.destroyed; count++) {
        const stream = session.request({ ":path": "/" });
        stream.on("error", () => {});
        stream.close(NGHTTP2_CANCEL);
      }
      return session.destroyed;
    };
    await waitFor("the end of the session", resetSome);
    assert.equal(code, NGHTTP2_ENHANCE_YOUR_CALM);
    const other = await request2(connect2(t, port), "/");
    assert.equal(other.status, 200);
  });
});
