import assert from "node:assert/strict";
import { once } from "node:events";
import { constants } from "node:http2";
import { suite, test } from "node:test";
import { startApp } from "./app.test.fixture.js";
import { connect2, request2 } from "./clients.test.fixture.js";
import type { ReachedLimit } from "./index.js";

suite("createOnePort({ limitArrival })", { timeout: 20_000 }, () => {
  test("resets requests that do not arrive, and leaves others", async (t) => {
    const reached: ReachedLimit[] = [];
    const { port } = await startApp(t, {
      requestTimeoutMs: 100,
      limitArrival: (path) => path !== "/chat",
      onLimit: (limit) => reached.push(limit),
    });
    const session = connect2(t, port);
    const post = (path: string) =>
      session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/octet-stream",
      });
    const streaming = post("/chat");
    streaming.on("error", () => {});
    const late = post("/echo").resume();
    late.write("x");
    late.on("error", () => {});
    await once(late, "close");
    assert.equal(late.rstCode, constants.NGHTTP2_CANCEL);
    assert.deepEqual(reached, ["requestTimeoutMs"]);
    assert.equal(streaming.closed, false);
    assert.equal(session.closed, false);
    await request2(session, "/");
  });
});
