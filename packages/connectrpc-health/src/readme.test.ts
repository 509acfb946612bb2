import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { startReadme, waitFor } from "@both-ends/testing";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Health, HealthCheckResponse_ServingStatus } from "./index.js";

suite("README.md", { timeout: 20_000 }, () => {
  test("serves health, and drains on SIGTERM", async (t) => {
    const { child, port } = await startReadme(
      t,
      new URL("..", import.meta.url),
    );
    const baseUrl = `http://127.0.0.1:${port}`;
    const client = createClient(Health, createGrpcTransport({ baseUrl }));
    const service = "acme.user.v1.UserService";
    const { status } = await waitFor("the example to answer", () =>
      client.check({ service }, { timeoutMs: 1_000 }),
    );
    assert.equal(status, HealthCheckResponse_ServingStatus.SERVING);
    const watch = client.watch({ service })[Symbol.asyncIterator]();
    await watch.next();
    child.kill("SIGTERM");
    const last = await watch.next();
    assert.equal(
      last.value.status,
      HealthCheckResponse_ServingStatus.NOT_SERVING,
    );
    assert.equal((await watch.next()).done, true);
  });
});
