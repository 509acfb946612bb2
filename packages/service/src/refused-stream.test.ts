import assert from "node:assert/strict";
import { createServer } from "node:http2";
import { suite, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { Code, createClient } from "@connectrpc/connect";
import { createServiceTransport } from "./transport.js";

suite("refusedStream", { timeout: 30_000 }, () => {
  test("gives a call that the server did not take unavailable", async (t) => {
    const server = createServer();
    server.on("stream", (stream) => {
      stream.on("error", () => {});
      // REFUSED_STREAM
      stream.close(7);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    t.after(() => server.close());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { transport, close } = createServiceTransport({
      baseUrl: `http://127.0.0.1:${port}`,
      maxMessageBytes: 1_024,
    });
    t.after(close);
    await assert.rejects(
      createClient(RevertNameService, transport).revertName({ name: "a" }),
      { code: Code.Unavailable },
    );
  });
});
