import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  CallSide,
  type MetricsSnapshot,
  MetricsSnapshotSchema,
  ProcessRole,
} from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { recentFailures } from "./recent-failures.js";

/** What one process had counted of one method, by code. */
interface Process {
  service?: string;
  side?: CallSide;
  type?: string;
  startedAt?: number;
  totals: Record<string, number>;
}

function snapshot(time: number, ...processes: Process[]): MetricsSnapshot {
  return create(MetricsSnapshotSchema, {
    time: timestampFromMs(time * 1_000),
    processes: processes.map(({ startedAt = 10, totals, ...process }) => ({
      service: process.service ?? "edge",
      role: ProcessRole.SERVER,
      up: true,
      startedAt: timestampFromMs(startedAt * 1_000),
      methods: [
        {
          side: process.side ?? CallSide.SERVER,
          type: process.type ?? "unary",
          service: "s.v1.S",
          method: "M",
          codes: Object.entries(totals).map(([code, total]) => ({
            code,
            total,
          })),
        },
      ],
    })),
  });
}

const counts = (...snapshots: MetricsSnapshot[]) =>
  recentFailures(snapshots).map(
    ({ code, calls, lastSeen }) => [code, calls, lastSeen] as const,
  );

suite("recentFailures(snapshots)", () => {
  test("counts exactly, however far apart the snapshots are", () => {
    assert.deepEqual(
      counts(
        snapshot(100, { totals: { OK: 5, NotFound: 3 } }),
        snapshot(110, { totals: { OK: 9, NotFound: 16, Internal: 19 } }),
        snapshot(112, { totals: { OK: 9, NotFound: 16, Internal: 20 } }),
      ),
      [
        ["Internal", 20, 112],
        ["NotFound", 13, 110],
      ],
    );
  });

  test("counts a process that was started again from zero", () => {
    assert.deepEqual(
      counts(
        snapshot(100, { totals: { Internal: 7 } }),
        create(MetricsSnapshotSchema, { time: timestampFromMs(102_000) }),
        snapshot(110, { startedAt: 105, totals: { Internal: 8 } }),
      ),
      [["Internal", 8, 110]],
    );
  });

  test("leaves out what a process counted before it was seen", () => {
    const other = { service: "time", startedAt: 50 };
    assert.deepEqual(
      counts(
        snapshot(100, { totals: {} }),
        snapshot(102, { totals: {} }, { ...other, totals: { Internal: 7 } }),
        snapshot(104, { totals: {} }, { ...other, totals: { Internal: 9 } }),
      ),
      [["Internal", 2, 104]],
    );
  });

  test("counts a call once, on the side that saw more", () => {
    const client = { service: "time", side: CallSide.CLIENT };
    assert.deepEqual(
      counts(
        snapshot(100, { totals: {} }, { ...client, totals: {} }),
        snapshot(
          102,
          { totals: { Internal: 1 } },
          { ...client, totals: { Internal: 1, Unavailable: 2 } },
        ),
      ),
      [
        ["Unavailable", 2, 102],
        ["Internal", 1, 102],
      ],
    );
  });

  test("does not count who leaves a stream", () => {
    const type = "server_stream";
    assert.deepEqual(
      counts(
        snapshot(100, { type, totals: {} }),
        snapshot(102, { type, totals: { Canceled: 3 } }),
      ),
      [],
    );
  });
});
