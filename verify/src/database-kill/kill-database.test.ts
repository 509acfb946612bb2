import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { startRealSystem } from "../real-system.js";
import { judgeKilled } from "./database-kill-run.js";
import { killDatabaseUnderBeats } from "./kill-database.js";

suite("the database killed under beats", needsDatabase(), () => {
  test("has every acknowledged beat", { timeout: 120_000 }, async (t) => {
    const system = await startRealSystem({ services: ["edge"] });
    t.after(() => system.stop());
    const killed = await killDatabaseUnderBeats(system);
    assert.deepEqual(judgeKilled(killed), []);
  });
});
