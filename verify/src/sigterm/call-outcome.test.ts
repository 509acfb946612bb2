import assert from "node:assert/strict";
import { createServer } from "node:net";
import { suite, test } from "node:test";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { outcomeOfError, outcomeOfStatus } from "./call-outcome.js";

/** An address at which nobody listens any more. */
async function findNowhere(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  const port = typeof address === "object" ? address?.port : undefined;
  return `http://127.0.0.1:${port}`;
}

suite("outcomeOfError()", () => {
  test("tells a call that no server took from one that a server refused", async () => {
    const nowhere = await findNowhere();
    const client = createClient(
      TimeService,
      createGrpcTransport({ baseUrl: nowhere }),
    );
    const failure = await client.whatTimeIs({}).catch((error) => error);
    assert.equal(outcomeOfError(failure), "refused");
    const fetched = await fetch(nowhere).catch((e) => e);
    assert.equal(outcomeOfError(fetched), "refused");
    const said = new ConnectError("the server is busy", Code.Unavailable);
    assert.equal(outcomeOfError(said), "unavailable");
  });

  test("tells every other error by its message", () => {
    assert.deepEqual(outcomeOfError(new ConnectError("oh", Code.Aborted)), {
      error: "[aborted] oh",
    });
    assert.deepEqual(outcomeOfStatus(500), { error: "HTTP 500" });
  });
});
