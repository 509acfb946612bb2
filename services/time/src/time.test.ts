import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { watchTime } from "./watch-time.js";
import { whatTimeIs } from "./what-time-is.js";

const client = createClient(
  TimeService,
  createRouterTransport((router) => {
    router.service(TimeService, { whatTimeIs, watchTime });
  }),
);

suite("WhatTimeIs", () => {
  test("answers the current time in both forms", async () => {
    const before = Date.now();
    const { time, rfc3339 } = await client.whatTimeIs({
      timeZone: "Asia/Kathmandu",
    });
    assert.ok(time);
    assert.equal(timestampMs(time), Date.parse(rfc3339));
    assert.ok(timestampMs(time) >= before && timestampMs(time) <= Date.now());
    assert.match(rfc3339, /\+05:45$/);
  });

  test("refuses a time zone that is not known, by name", async () => {
    await assert.rejects(client.whatTimeIs({ timeZone: "Mars/Base" }), {
      code: Code.InvalidArgument,
      rawMessage: 'time_zone: "Mars/Base" is not an IANA time zone',
    });
  });
});

suite("WatchTime", () => {
  test("ticks at once and at every interval until the caller leaves", async () => {
    const caller = new AbortController();
    const ticks: number[] = [];
    const watch = async () => {
      const request = { interval: { nanos: 100_000_000 } };
      for await (const { time } of client.watchTime(request, {
        signal: caller.signal,
      })) {
        assert.ok(time);
        ticks.push(timestampMs(time));
        if (ticks.length === 4) {
          caller.abort();
        }
      }
    };
    await assert.rejects(watch(), { code: Code.Canceled });
    assert.equal(ticks.length, 4);
    const [first = 0, , , last = 0] = ticks;
    // Timers fire up to a millisecond early.
    assert.ok(last - first >= 297, `${last - first} ms for 3 intervals`);
  });
});
