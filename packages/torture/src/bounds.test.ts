import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  onlyRevertName,
  reverse,
  startRevertName,
  startSilentServer,
} from "./server-fixture.test.js";
import { torture } from "./torture.js";

suite("the bounds of torture()", { timeout: 120_000 }, () => {
  for (const pace of [{ concurrency: 5 }, { rate: 50 }]) {
    test(`ends although nobody answers ${JSON.stringify(pace)}`, async (t) => {
      const url = await startSilentServer(t);
      const begin = performance.now();
      const result = await torture({
        ...pace,
        targets: { edge: url, "revert-name": url, time: url },
        durationMs: 500,
        timeoutMs: 400,
        seed: 1,
      });
      assert.ok(performance.now() - begin < 10_000);
      assert.ok(result.calls > 0);
      assert.equal(result.unexpected, result.calls);
      assert.equal(result.unfinished, 0);
      assert.equal(result.errorRate, 1);
      const codes = new Set(result.series.map(({ code }) => code));
      assert.deepEqual([...codes], ["DeadlineExceeded"]);
    });
  }

  test("drops what a slow server cannot take, and says so", async (t) => {
    let most = 0;
    let inFlight = 0;
    const url = await startRevertName(t, async (name) => {
      most = Math.max(most, ++inFlight);
      await delay(300);
      inFlight--;
      return reverse(name);
    });
    const result = await torture({
      ...onlyRevertName(url),
      rate: 100,
      durationMs: 1_000,
      maxOutstanding: 10,
      timeoutMs: 60_000,
    });
    assert.equal(most, 10);
    assert.ok(result.dropped > 20, `${result.dropped}`);
    assert.equal(result.calls + result.dropped, 100);
    assert.equal(result.methods[0]?.dropped, result.dropped);
    assert.equal(result.unexpected, 0);
    assert.equal(result.errorRate, result.dropped / 100);
  });

  test("begins no more calls than were asked for", async (t) => {
    let calls = 0;
    const url = await startRevertName(t, (name) => {
      calls++;
      return reverse(name);
    });
    const options = onlyRevertName(url);
    const closed = await torture({ ...options, calls: 25, concurrency: 10 });
    assert.deepEqual([closed.calls, calls], [25, 25]);
    const open = await torture({ ...options, calls: 25, rate: 500 });
    assert.deepEqual([open.calls, calls], [25, 50]);
  });

  test("ends early by its signal, with what was done", async (t) => {
    const stopping = new AbortController();
    const url = await startRevertName(t, reverse);
    for (const pace of [{ concurrency: 2 }, { rate: 50 }]) {
      const result = await torture({
        ...onlyRevertName(url),
        ...pace,
        durationMs: 60_000,
        signal: stopping.signal,
        onProgress: ({ calls }) => calls > 0 && stopping.abort(),
      });
      assert.equal(result.interrupted, true);
      assert.equal(result.unexpected, 0);
    }
  });

  test("tells of answers that are wrong and of faults that do not come", async (t) => {
    const url = await startRevertName(t, (name) => name);
    const options = { ...onlyRevertName(url), names: ["abc"], calls: 10 };
    const wrong = await torture(options);
    assert.equal(wrong.unexpected, 10);
    const [mismatch] = wrong.mismatches;
    assert.equal(mismatch?.example, 'answered "abc" to "abc"');
    assert.deepEqual([mismatch.expected, mismatch.code], ["OK", "OK"]);
    const faults = ["not_found"] as const;
    const healthy = await torture({ ...options, faults, faultRatio: 1 });
    assert.equal(healthy.unexpected, 10);
    assert.equal(healthy.mismatches[0]?.expected, "NotFound");
  });

  test("counts calls to a server that is away as Unavailable", async () => {
    const result = await torture({
      ...onlyRevertName("http://127.0.0.1:1"),
      calls: 5,
      protocols: ["grpc", "connect"],
    });
    assert.deepEqual(
      result.methods.map(({ codes }) => codes.map(({ code }) => code)),
      [["Unavailable"]],
    );
    assert.match(result.mismatches[0]?.example ?? "", /ECONNREFUSED/);
  });
});
