import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { DateUnit } from "@both-ends/gen/admin/v1/heartbeat_admin_service_pb.js";
import { groupDays } from "./group-days.js";

const day = (year: number, month: number, date: number, beats: number) => ({
  fromMs: new Date(year, month - 1, date).getTime(),
  toMs: new Date(year, month - 1, date + 1).getTime(),
  beats,
});

suite("groupDays(days)", () => {
  test("shows the days of one month as they are", () => {
    const days = [day(2026, 11, 24, 5), day(2026, 11, 23, 7)];
    assert.deepEqual(groupDays(days), { unit: DateUnit.DAY, counts: days });
    assert.deepEqual(groupDays([]), { unit: DateUnit.DAY, counts: [] });
  });

  test("puts the days of several months of a year together by month", () => {
    const days = [
      day(2026, 12, 1, 5),
      day(2026, 11, 30, 7),
      day(2026, 11, 29, 1),
    ];
    assert.deepEqual(groupDays(days), {
      unit: DateUnit.MONTH,
      counts: [
        { ...span(new Date(2026, 11), new Date(2027, 0)), beats: 5 },
        { ...span(new Date(2026, 10), new Date(2026, 11)), beats: 8 },
      ],
    });
  });

  test("puts the days of several years together by year", () => {
    const days = [day(2027, 1, 2, 1), day(2027, 1, 1, 2), day(2026, 12, 31, 4)];
    assert.deepEqual(groupDays(days), {
      unit: DateUnit.YEAR,
      counts: [
        { ...span(new Date(2027, 0), new Date(2028, 0)), beats: 3 },
        { ...span(new Date(2026, 0), new Date(2027, 0)), beats: 4 },
      ],
    });
  });
});

function span(from: Date, to: Date) {
  return { fromMs: from.getTime(), toMs: to.getTime() };
}
