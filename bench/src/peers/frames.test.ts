import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  RevertNameRequestSchema,
  RevertNameResponseSchema,
} from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { WhatTimeIsResponseSchema } from "@both-ends/gen/time/v1/time_service_pb.js";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { readText, textFrame, timeFrame } from "./frames.js";

const prefixBytes = 5;

suite("frames", () => {
  test("writes what protobuf reads", () => {
    for (const name of ["", "Rodrigo", "ã".repeat(500)]) {
      const frame = textFrame({ 1: name });
      assert.equal(frame.readUInt32BE(1), frame.length - prefixBytes);
      const message = fromBinary(
        RevertNameRequestSchema,
        frame.subarray(prefixBytes),
      );
      assert.equal(message.name, name);
    }
  });

  test("writes the time", () => {
    const now = new Date("2026-11-23T19:27:00.123Z");
    const frame = timeFrame(now);
    const { time, rfc3339 } = fromBinary(
      WhatTimeIsResponseSchema,
      frame.subarray(prefixBytes),
    );
    assert.deepEqual(time && timestampDate(time), now);
    assert.equal(rfc3339, now.toISOString());
    assert.equal(readText(frame, 2), rfc3339);
  });

  test("reads what protobuf writes", () => {
    for (const reversedName of ["", "ogirdoR", "é".repeat(500)]) {
      const message = toBinary(
        RevertNameResponseSchema,
        create(RevertNameResponseSchema, { reversedName }),
      );
      const frame = Buffer.concat([Buffer.alloc(prefixBytes), message]);
      assert.equal(readText(frame, 1), reversedName);
    }
  });
});
