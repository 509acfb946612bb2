import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { startReadme, waitFor } from "@both-ends/testing";
import { createClients, createTransports } from "./fastlane-fixture.test.js";

suite("README.md", { timeout: 30_000 }, () => {
  test("serves gRPC on a server of Node", async (t) => {
    const { port } = await startReadme(t, new URL("../..", import.meta.url), {
      replace: {
        "{ routes } from": "{ addRoutes as routes } from",
        "./routes.js": "./dist/server/fastlane-fixture.test.js",
      },
    });
    const { gRPC } = createTransports(`http://127.0.0.1:${port}`);
    assert.ok(gRPC);
    const { names } = createClients(gRPC);
    const { reversedName } = await waitFor("the example to answer", () =>
      names.revertName({ name: "ab" }, { timeoutMs: 1_000 }),
    );
    assert.equal(reversedName, "ba");
  });
});
