import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  firstSlot,
  InvalidScheduleError,
  nextSlot,
  parseSchedule,
  type Schedule,
} from "./schedule.js";

suite("parseSchedule()", () => {
  const intervals: [string | number, number][] = [
    [1_000, 1_000],
    ["1 second", 1_000],
    ["10 seconds", 10_000],
    ["10seconds", 10_000],
    [" 2 Minutes ", 120_000],
    ["minute", 60_000],
    ["1.5 hours", 5_400_000],
    ["1 hour 30 minutes", 5_400_000],
    ["1 hour, 30 minutes and 10 seconds", 5_410_000],
    ["1 week", 604_800_000],
  ];
  for (const [every, intervalMs] of intervals) {
    test(`reads every ${every}`, () => {
      assert.deepEqual(parseSchedule({ every }), {
        kind: "interval",
        intervalMs,
      });
    });
  }

  const refused: [Schedule, RegExp][] = [
    [{ every: 999 }, /an interval of 999 ms is shorter than .* 1 second/],
    [{ every: "0.5 seconds" }, /500 ms is shorter/],
    [{ every: 0 }, /0 ms is shorter/],
    [{ every: -5_000 }, /-5000 ms is shorter/],
    [{ every: Number.NaN }, /"NaN" is not an interval/],
    [{ every: "2 years" }, /longer than the maximum of 366 days/],
    [{ every: "200 milliseconds" }, /"200 milliseconds" is not an interval/],
    [{ every: "1 hour and a bit" }, /is not an interval/],
    [{ every: "-10 seconds" }, /is not an interval/],
    [{ every: "5" }, /"5" is not an interval/],
    [{ every: "soon" }, /"soon" is not an interval such as "10 seconds"/],
    [{ every: "" }, /"" is not an interval/],
    [{ every: `1 second ${"1 second ".repeat(50)}` }, /is not an interval/],
    [{ cron: "61 * * * *" }, /"61 \* \* \* \*" is not .*: .*61/],
    [{ cron: "* * *" }, /it has fewer than 5 fields/],
    [{ cron: "* * * * * * *" }, /too many fields/],
    [{ cron: "5" }, /it has fewer than 5 fields/],
    [{ cron: "" }, /it has fewer than 5 fields/],
    [{ cron: "0 0 30 2 *" }, /is not a cron expression: .*day of month/],
    [{ cron: "@sometimes" }, /is not a cron expression/],
    [{ cron: "H * * * *" }, /hashed fields/],
    [{ cron: "* * * * *", timezone: "Mars/Base" }, /"Mars\/Base" is not an/],
  ];
  for (const [schedule, message] of refused) {
    test(`refuses ${JSON.stringify(schedule).slice(0, 60)}`, () => {
      assert.throws(
        () => parseSchedule(schedule),
        (error) =>
          error instanceof InvalidScheduleError && message.test(error.message),
      );
    });
  }
});

suite("nextSlot()", () => {
  const at = (time: string) => new Date(`2026-03-01T${time}Z`);
  const every2s = parseSchedule({ every: 2_000 });

  test("keeps the distance from the last slot however late the run ended", () => {
    assert.deepEqual(
      nextSlot(every2s, at("10:00:00.000"), at("10:00:01.700")),
      at("10:00:02.000"),
    );
  });

  test("leaves out slots that have passed", () => {
    assert.deepEqual(
      nextSlot(every2s, at("10:00:00.000"), at("10:01:03.500")),
      at("10:01:04.000"),
    );
    assert.deepEqual(
      nextSlot(every2s, at("10:00:00.000"), at("10:01:04.000")),
      at("10:01:06.000"),
    );
  });

  test("goes on from a slot in the future", () => {
    assert.deepEqual(
      nextSlot(every2s, at("10:00:04.000"), at("10:00:00.000")),
      at("10:00:06.000"),
    );
  });

  test("finds the next time of a cron expression", () => {
    const cron = parseSchedule({ cron: "*/15 * * * *" });
    assert.deepEqual(
      nextSlot(cron, at("10:00:00.000"), at("10:00:00.004")),
      at("10:15:00.000"),
    );
    assert.deepEqual(
      nextSlot(cron, at("10:00:00.000"), at("10:45:00.000")),
      at("11:00:00.000"),
    );
    assert.deepEqual(
      nextSlot(cron, at("10:15:00.000"), at("10:14:59.990")),
      at("10:30:00.000"),
    );
  });

  test("reads cron in its time zone, through a change of clocks", () => {
    const cron = parseSchedule({
      cron: "30 2 * * *",
      timezone: "Europe/Berlin",
    });
    let slot = new Date("2026-10-24T00:00:00Z");
    const slots = Array.from({ length: 3 }, () => {
      slot = nextSlot(cron, slot, slot);
      return slot.toISOString();
    });
    assert.deepEqual(slots, [
      "2026-10-24T00:30:00.000Z",
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });

  test("always moves on, in the hour that comes twice too", () => {
    const cron = parseSchedule({
      cron: "*/10 * * * *",
      timezone: "Europe/Berlin",
    });
    let slot = new Date("2026-10-24T23:30:00Z");
    for (let count = 0; count < 24; count += 1) {
      const next = nextSlot(cron, slot, slot);
      assert.ok(
        next > slot,
        `${next.toISOString()} after ${slot.toISOString()}`,
      );
      slot = next;
    }
  });
});

suite("firstSlot()", () => {
  test("begins an interval at once and cron at its next time", () => {
    const now = new Date("2026-03-01T10:00:00.500Z");
    assert.deepEqual(firstSlot(parseSchedule({ every: "1 day" }), now), now);
    assert.deepEqual(
      firstSlot(parseSchedule({ cron: "0 12 * * *" }), now),
      new Date("2026-03-01T12:00:00Z"),
    );
  });
});
