import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createDeathJudge } from "./restart-policy.js";

const pauses = (verdicts: ReturnType<ReturnType<typeof createDeathJudge>>[]) =>
  verdicts.map((verdict) =>
    verdict.kind === "restart" ? verdict.pauseMs : verdict.kind,
  );

suite("createDeathJudge()", () => {
  test("doubles the pause, and gives up at the fifth death in a minute", () => {
    const judge = createDeathJudge();
    const verdicts = [0, 1000, 2000, 3000, 59_999].map(judge);
    assert.deepEqual(pauses(verdicts), [500, 1000, 2000, 4000, "give-up"]);
    assert.equal(verdicts[4]?.text, "died 5 times within 60 s");
  });

  test("forgets deaths that are a minute old", () => {
    const judge = createDeathJudge();
    const verdicts = [0, 1000, 2000, 3000, 60_000].map(judge);
    assert.deepEqual(pauses(verdicts), [500, 1000, 2000, 4000, 4000]);
    assert.deepEqual(pauses([judge(200_000)]), [500]);
  });

  test("never pauses for longer than the greatest pause", () => {
    const judge = createDeathJudge({ maxDeaths: 9 });
    const verdicts = [0, 1, 2, 3, 4, 5].map(judge);
    assert.equal(pauses(verdicts).at(-1), 10_000);
  });
});
