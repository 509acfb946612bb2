import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { planCalls } from "./call-plan.js";

suite("planCalls()", () => {
  const options = { seed: 7, unary: 10_000, streams: 1_000 };

  test("plans as many calls of each type as asked", () => {
    const calls = [...planCalls(options)];
    assert.equal(calls.length, 11_000);
    assert.equal(calls.filter(({ kind }) => kind === "unary").length, 10_000);
  });

  test("abandons a tenth and fails a twentieth", () => {
    const endings = [...planCalls(options)].map(({ ending }) => ending);
    const failed = endings.filter((ending) => ending === "error").length;
    const stayed = endings.filter((ending) => ending === "ok").length;
    assert.ok(Math.abs(failed / 11_000 - 0.05) < 0.01, `${failed} failed`);
    assert.ok(Math.abs(stayed / 11_000 - 0.85) < 0.01, `${stayed} stayed`);
  });

  test("plans the same for the same seed, and other things for another", () => {
    const plan = JSON.stringify([...planCalls(options)]);
    assert.equal(JSON.stringify([...planCalls(options)]), plan);
    const other = planCalls({ ...options, seed: 8 });
    assert.notEqual(JSON.stringify([...other]), plan);
  });

  test("plans no bidirectional stream over HTTP/1.1", () => {
    const impossible = [...planCalls(options)].filter(
      ({ kind, road }) => kind === "bidi" && road === "connect-h1",
    );
    assert.deepEqual(impossible, []);
  });
});
