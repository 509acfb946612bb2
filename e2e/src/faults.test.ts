import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import { fetchJson } from "./fetch-json.js";
import { handledByCode, readMetrics } from "./read-metrics.js";
import { type System, startSystem } from "./use-system.js";

/** Each fault, the code in metrics and in the problem, and the HTTP status. */
const faults: [
  fault: string,
  grpcCode: string,
  code: string,
  status: number,
][] = [
  ["cancelled", "Canceled", "canceled", 499],
  ["unknown", "Unknown", "unknown", 500],
  ["invalid_argument", "InvalidArgument", "invalid_argument", 400],
  ["deadline_exceeded", "DeadlineExceeded", "deadline_exceeded", 504],
  ["not_found", "NotFound", "not_found", 404],
  ["already_exists", "AlreadyExists", "already_exists", 409],
  ["permission_denied", "PermissionDenied", "permission_denied", 403],
  ["resource_exhausted", "ResourceExhausted", "resource_exhausted", 429],
  ["failed_precondition", "FailedPrecondition", "failed_precondition", 400],
  ["aborted", "Aborted", "aborted", 409],
  ["out_of_range", "OutOfRange", "out_of_range", 400],
  ["unimplemented", "Unimplemented", "unimplemented", 501],
  ["internal", "Internal", "internal", 500],
  ["unavailable", "Unavailable", "unavailable", 503],
  ["data_loss", "DataLoss", "data_loss", 500],
  ["unauthenticated", "Unauthenticated", "unauthenticated", 401],
  ["key_error", "Internal", "internal", 500],
  ["exception", "Internal", "internal", 500],
];

suite("GET /proxy/<fault>/", needsDatabase(), () => {
  let system: System;
  before(
    async () => {
      system = await startSystem();
    },
    { timeout: 300_000 },
  );
  after(() => system.stop());

  /** What was handled since the counts were taken. */
  const difference = (
    now: Record<string, number>,
    then: Record<string, number>,
  ) =>
    Object.fromEntries(
      Object.entries(now)
        .map(([key, value]) => [key, value - (then[key] ?? 0)] as const)
        // The workers' heartbeats go on meanwhile.
        .filter(([key, value]) => value !== 0 && !key.startsWith("BeatHeart")),
    );
  const read = async (
    name: keyof System["services"],
    side: "server" | "client",
  ) => handledByCode(await readMetrics(system.services[name].metrics), side);
  const readAll = async () => ({
    client: await read("edge", "client"),
    revertName: await read("revert-name", "server"),
    time: await read("time", "server"),
  });

  for (const [fault, grpcCode, code, status] of faults) {
    test(`answers ${fault} with ${status}, counted once on both ends`, async () => {
      const before = await readAll();
      const { edge } = system.services;
      const answer = await fetchJson(`http://${edge.web}/proxy/${fault}/`);
      assert.equal(answer.status, status);
      assert.match(
        String(answer.headers.get("content-type")),
        /^application\/problem\+json/,
      );
      const { detail, title, ...rest } = answer.body;
      assert.deepEqual(rest, {
        type: "about:blank",
        status,
        code,
        service: "revertname.v1.RevertNameService",
        method: "RevertName",
      });
      assert.ok(title && detail);
      assert.doesNotMatch(
        JSON.stringify(answer.body),
        /help|undefined|\.js|node:/,
      );
      // The call to time is left to finish when the other fails first.
      await waitFor("both ends to have counted", async () => {
        const now = await readAll();
        assert.deepEqual(difference(now.client, before.client), {
          [`RevertName ${grpcCode}`]: 1,
          "WhatTimeIs OK": 1,
        });
        assert.deepEqual(difference(now.revertName, before.revertName), {
          [`RevertName ${grpcCode}`]: 1,
        });
        assert.deepEqual(difference(now.time, before.time), {
          "WhatTimeIs OK": 1,
        });
        return true;
      });
    });
  }
});
