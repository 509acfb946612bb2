import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createRandom } from "../random.js";
import { attacks } from "./attack-list.js";
import { stageAttack } from "./stage-attack.js";

// The memory and the connections of a process are read from /proc.
const skip = process.platform === "linux" ? false : "needs Linux";

suite("a server under attack serves others", { skip }, () => {
  for (const attack of attacks) {
    test(`by ${attack.name}`, { timeout: 60_000 }, async () => {
      const random = createRandom(1);
      const staged = await stageAttack(attack, attack.quick, random);
      assert.deepEqual(staged.wrong, []);
      assert.ok(staged.goodCalls.latenciesMs.length > 0);
    });
  }
});
