import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { startRealSystem } from "../real-system.js";
import { endServerUnderLoad } from "./end-server.js";

suite("SIGTERM under load", needsDatabase(), () => {
  test("leaves no call without its answer or a clean unavailable", {
    timeout: 120_000,
  }, async (t) => {
    const system = await startRealSystem();
    t.after(() => system.stop());
    const { counts, wrong } = await endServerUnderLoad(system, "edge");
    assert.deepEqual(wrong, []);
    assert.ok(counts.answered > 0);
  });
});
