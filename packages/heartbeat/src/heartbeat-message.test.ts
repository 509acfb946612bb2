import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  HeartbeatState,
  ServiceHeartbeatSchema,
} from "@both-ends/gen/heartbeat/v1/heartbeat_pb.js";
import { HeartbeatFilterSchema } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { create, toJson } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import {
  fromHeartbeatFilter,
  fromTimestamp,
  toServiceHeartbeat,
} from "./heartbeat-message.js";

suite("toServiceHeartbeat()", () => {
  test("says in the message what the store says", () => {
    const message = create(
      ServiceHeartbeatSchema,
      toServiceHeartbeat({
        serviceName: "time",
        instanceId: "host:1",
        intervalMs: 1_500,
        firstSeen: new Date("2026-01-02T03:04:05.678Z"),
        lastSeen: new Date("2026-01-02T03:05:05.678Z"),
        beats: 7,
        state: "late",
      }),
    );
    assert.deepEqual(toJson(ServiceHeartbeatSchema, message), {
      serviceName: "time",
      instanceId: "host:1",
      interval: "1.500s",
      firstSeen: "2026-01-02T03:04:05.678Z",
      lastSeen: "2026-01-02T03:05:05.678Z",
      state: "HEARTBEAT_STATE_LATE",
      beats: "7",
    });
  });
});

suite("fromHeartbeatFilter()", () => {
  test("reads names and states, and lets all through if there are none", () => {
    const filter = create(HeartbeatFilterSchema, {
      serviceNames: ["time"],
      states: [HeartbeatState.DOWN, HeartbeatState.ALIVE],
    });
    assert.deepEqual(fromHeartbeatFilter(filter), {
      serviceNames: ["time"],
      states: ["down", "alive"],
    });
    assert.deepEqual(fromHeartbeatFilter(undefined), {
      serviceNames: undefined,
      states: undefined,
    });
  });
});

suite("fromTimestamp()", () => {
  const read = (seconds: bigint, nanos = 0) =>
    fromTimestamp(create(TimestampSchema, { seconds, nanos }))?.getTime();

  test("reads the first millisecond at or after the moment", () => {
    assert.equal(read(1n), 1_000);
    assert.equal(read(1n, 1), 1_001);
    assert.equal(read(1n, 1_000_000), 1_001);
    assert.equal(read(1n, 999_999_999), 2_000);
  });

  test("brings moments out of range to its ends", () => {
    assert.equal(read(-62_135_596_800n), 0);
    assert.equal(read(2n ** 63n - 1n), 253_402_300_799_999);
  });

  test("reads nothing from nothing", () => {
    assert.equal(fromTimestamp(undefined), undefined);
  });
});
