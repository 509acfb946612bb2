import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needs, run, startReadme, waitFor } from "@both-ends/testing";

suite("README.md", { timeout: 20_000 }, () => {
  test("shows its services to grpcurl", needs("grpcurl"), async (t) => {
    const { port } = await startReadme(t, new URL("..", import.meta.url));
    const address = `127.0.0.1:${port}`;
    const list = await waitFor("the example to answer", async () => {
      const args = ["-plaintext", "-connect-timeout", "1", address, "list"];
      const { code, stdout } = await run("grpcurl", args);
      return code === 0 && stdout;
    });
    assert.deepEqual(list.trim().split("\n"), [
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ]);
  });
});
