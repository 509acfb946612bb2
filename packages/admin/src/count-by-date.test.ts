import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  DateUnit,
  HeartbeatAdminService,
} from "@both-ends/gen/admin/v1/heartbeat_admin_service_pb.js";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { countByDate } from "./count-by-date.js";
import { codeOf, useAdmin } from "./use-admin.js";

/** Spans as `from to count`. */
function count(times: readonly string[], unit: DateUnit, zone: string) {
  const dates = times
    .map((time) => new Date(time))
    .sort((a, b) => b.getTime() - a.getTime());
  return countByDate(dates, unit, zone).map(
    ({ from, to, count: found }) =>
      `${from.toISOString().slice(0, 16)} ${to.toISOString().slice(0, 16)} ${found}`,
  );
}

suite("countByDate()", () => {
  const times = [
    "2026-01-01T02:00:00Z",
    "2025-12-31T23:30:00Z",
    "2025-12-31T23:10:00Z",
    "2025-11-02T05:30:00Z",
    "2025-11-02T06:30:00Z",
  ];

  test("counts by year, month, day and hour", () => {
    assert.deepEqual(count(times, DateUnit.YEAR, "UTC"), [
      "2026-01-01T00:00 2027-01-01T00:00 1",
      "2025-01-01T00:00 2026-01-01T00:00 4",
    ]);
    assert.deepEqual(count(times, DateUnit.MONTH, "UTC"), [
      "2026-01-01T00:00 2026-02-01T00:00 1",
      "2025-12-01T00:00 2026-01-01T00:00 2",
      "2025-11-01T00:00 2025-12-01T00:00 2",
    ]);
    assert.deepEqual(count(times.slice(0, 3), DateUnit.HOUR, "UTC"), [
      "2026-01-01T02:00 2026-01-01T03:00 1",
      "2025-12-31T23:00 2026-01-01T00:00 2",
    ]);
  });

  test("counts in a time zone, where a day may have 25 hours", () => {
    // New York set its clocks back on 2025-11-02 at 06:00 UTC.
    assert.deepEqual(count(times, DateUnit.DAY, "America/New_York"), [
      "2025-12-31T05:00 2026-01-01T05:00 3",
      "2025-11-02T04:00 2025-11-03T05:00 2",
    ]);
    assert.deepEqual(count(times.slice(3), DateUnit.HOUR, "America/New_York"), [
      "2025-11-02T06:00 2025-11-02T07:00 1",
      "2025-11-02T05:00 2025-11-02T06:00 1",
    ]);
    assert.deepEqual(count(times.slice(0, 1), DateUnit.HOUR, "Asia/Kolkata"), [
      "2026-01-01T01:30 2026-01-01T02:30 1",
    ]);
  });
});

suite("HeartbeatAdminService", { ...needsDatabase(), timeout: 60_000 }, () => {
  test("counts beats, and forgets who is silent alone", async (t) => {
    const time = new Date("2026-01-01T02:00:00Z");
    const results = ["forgotten", "unknown", "beating"] as const;
    const asked: unknown[] = [];
    const admin = await useAdmin(t, {
      heartbeats: {
        forget: async (name) =>
          results.find((result) => result === name) ?? "unknown",
        listBeatTimes: async ({ serviceNames, limit }) => {
          asked.push(serviceNames);
          return Array.from({ length: limit }, () => time);
        },
      },
    });
    const client = admin.client(
      HeartbeatAdminService,
      await admin.sessionOf("operator"),
    );
    const { counts, truncated } = await client.countBeats({
      unit: DateUnit.DAY,
      serviceNames: ["time"],
    });
    assert.deepEqual(asked, [["time"]]);
    assert.equal(truncated, true);
    assert.equal(counts.length, 1);
    assert.equal(counts[0]?.beats, 100_000);
    assert.equal(
      timestampDate(counts[0].from ?? assert.fail()).toISOString(),
      "2026-01-01T00:00:00.000Z",
    );
    assert.equal(
      await codeOf(client.countBeats({ unit: DateUnit.DAY, timeZone: "x" })),
      Code.InvalidArgument,
    );
    const forget = (serviceName: string) =>
      codeOf(client.forgetService({ serviceName }));
    assert.equal(await forget("forgotten"), undefined);
    assert.equal(await forget("unknown"), Code.NotFound);
    assert.equal(await forget("beating"), Code.FailedPrecondition);
    const entries = await admin.collections.audit.find().toArray();
    assert.deepEqual(
      entries.map(({ target }) => target),
      ["service:forgotten"],
    );
  });
});
