import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { startReadme, waitFor } from "@both-ends/testing";

suite("README.md", { timeout: 20_000 }, () => {
  test("shows one call on both ends", async (t) => {
    const { port } = await startReadme(t, new URL("..", import.meta.url), {
      examples: 2,
      replace: { "./gen/": "@both-ends/gen/revertname/v1/" },
    });
    await waitFor("both ends to be there", async () => {
      const res = await fetch(`http://localhost:${port}/metrics`);
      const text = await res.text();
      for (const side of ["server", "client"]) {
        assert.match(
          text,
          new RegExp(
            `^grpc_${side}_handled_total\\{.*grpc_method="RevertName",grpc_code="OK"\\} 1$`,
            "m",
          ),
        );
      }
      return true;
    });
  });
});
