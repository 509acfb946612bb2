import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import {
  needsDatabase,
  type TestDatabase,
  useDatabase,
} from "@both-ends/mongo/test-database";
import { needs, run, startProcess, waitFor } from "@both-ends/testing";
import { countCalls, deadlineCodes } from "./count-calls.js";
import { type ServiceName, type System, startSystem } from "./use-system.js";

/** A load of ghz, and what both ends say of it afterwards. */
interface GhzLoad {
  service: ServiceName;
  method: string;
  data: unknown;
  args?: string[];
  calls: number;
  /** The status that ghz saw, and the code that the server counted, but for deadlines. */
  code: string;
}

const ghzLoads: Record<string, GhzLoad> = {
  "unary calls": {
    service: "time",
    method: "time.v1.TimeService/WhatTimeIs",
    data: { timeZone: "Asia/Tokyo" },
    args: ["-m", '{"x-request-id":"ghz"}'],
    calls: 200,
    code: "OK",
  },
  "unary calls with compressed requests": {
    service: "revert-name",
    method: "revertname.v1.RevertNameService/RevertName",
    data: { name: "Rodrigo".repeat(100) },
    args: ["-e"],
    calls: 50,
    code: "OK",
  },
  "streams in both directions": {
    service: "revert-name",
    method: "revertname.v1.RevertNameService/RevertNames",
    data: [{ name: "Rodrigo" }, { name: "Pamela" }, { name: "🇧🇷" }],
    calls: 20,
    code: "OK",
  },
  "streams of requests": {
    service: "edge",
    method: "heartbeat.v1.HeartbeatService/BeatHearts",
    data: [{ beat: { serviceName: "ghz" } }, { beat: { serviceName: "" } }],
    calls: 10,
    code: "OK",
  },
  "streams of responses that it leaves": {
    service: "time",
    method: "time.v1.TimeService/WatchTime",
    data: { interval: "0.1s" },
    args: ["--stream-call-count", "2"],
    calls: 6,
    code: "Canceled",
  },
  "calls that are too slow for their deadline": {
    service: "revert-name",
    method: "revertname.v1.RevertNameService/RevertName",
    data: { name: "Rodrigo", delay: "30s" },
    args: ["-t", "300ms"],
    calls: 6,
    code: "DeadlineExceeded",
  },
  "calls that break a rule": {
    service: "edge",
    method: "heartbeat.v1.HeartbeatService/BeatHeart",
    data: { serviceName: "Not OK" },
    calls: 6,
    code: "InvalidArgument",
  },
  "messages that are too large": {
    service: "edge",
    method: "heartbeat.v1.HeartbeatService/BeatHearts",
    data: [{ beat: { serviceName: "a".repeat(150_000) } }],
    calls: 6,
    code: "ResourceExhausted",
  },
};

suite("tools that know no schema", needsDatabase(), () => {
  const ends: (() => unknown)[] = [];
  let database: TestDatabase;
  let system: System;
  before(
    async () => {
      // Its ends take no argument.
      database = await useDatabase({
        after: (end) => ends.push(end as () => unknown),
      });
      system = await startSystem({
        MONGODB_URI: database.uri,
        // Reflection answers with some 70 kB.
        MAX_MESSAGE_BYTES: String(128 * 1024),
      });
    },
    { timeout: 300_000 },
  );
  after(async () => {
    await system?.stop();
    await Promise.all(ends.map((end) => end()));
  });

  suite("ghz", { ...needs("ghz"), timeout: 120_000 }, () => {
    for (const [what, load] of Object.entries(ghzLoads)) {
      test(`makes ${what}, each counted once`, async (t) => {
        const { service, method, data, args = [], calls, code } = load;
        const { metrics, grpc } = system.services[service];
        const name = String(method.split("/").at(-1));
        const codes = code === "DeadlineExceeded" ? deadlineCodes : [code];
        const counted = { method: name, codes, calls };
        const directory = await mkdtemp(join(tmpdir(), "ghz-"));
        t.after(() => rm(directory, { recursive: true }));
        // A file, because an argument ends at 128 KiB.
        const file = join(directory, "data.json");
        await writeFile(file, JSON.stringify(data));
        const { stdout, stderr } = await countCalls(metrics, counted, () =>
          run("ghz", [
            ...["--insecure", "--call", method, "-D", file],
            ...["-n", String(calls), "-c", "2", "--format", "json", ...args],
            grpc,
          ]),
        );
        assert.equal(stderr, "");
        const report = JSON.parse(stdout);
        assert.deepEqual(report.statusCodeDistribution, { [code]: calls });
      });
    }
  });

  suite("grpcurl", { ...needs("grpcurl"), timeout: 120_000 }, () => {
    const describe = async (service: ServiceName, ...symbol: string[]) => {
      const { grpc } = system.services[service];
      const args = ["-plaintext", "-max-time", "10", grpc, "describe"];
      const { code, stdout, stderr } = await run("grpcurl", [
        ...args,
        ...symbol,
      ]);
      assert.equal(code, 0, stderr);
      return stdout;
    };

    test("describes services, methods, messages and their rules", async () => {
      const all = await describe("edge");
      for (const name of [
        "edge.v1.EdgeService",
        "heartbeat.v1.HeartbeatService",
        "grpc.health.v1.Health",
      ]) {
        assert.ok(all.includes(`${name} is a service:`), all);
      }
      assert.match(
        await describe("edge", "heartbeat.v1.HeartbeatService.BeatHearts"),
        /rpc BeatHearts \( stream \.heartbeat\.v1\.BeatHeartsRequest \)/,
      );
      assert.match(
        await describe("time", "time.v1.WatchTimeRequest"),
        /Duration interval = 1 \[\s+\(\.buf\.validate\.field\) = \{\s+duration:/,
      );
      assert.match(
        await describe("edge", "heartbeat.v1.HeartbeatState"),
        /HEARTBEAT_STATE_ALIVE = 1;/,
      );
      const { code, stderr } = await run("grpcurl", [
        ...["-plaintext", system.services.time.grpc, "describe", "no.such.One"],
      ]);
      assert.notEqual(code, 0);
      assert.match(stderr, /Symbol not found: no\.such\.One/);
    });

    test("watches the health change as the database stops and comes back", async (t) => {
      const watch = (service: string) => {
        const program = startProcess(t, "grpcurl", [
          ...["-plaintext", "-max-time", "60"],
          ...["-d", JSON.stringify({ service }), system.services.edge.grpc],
          "grpc.health.v1.Health/Watch",
        ]);
        return () =>
          [...program.stdout().matchAll(/"status": "(\w+)"/g)].map(
            ([, status]) => status,
          );
      };
      const heartbeats = watch("heartbeat.v1.HeartbeatService");
      const proxy = watch("edge.v1.EdgeService");
      const last = (status: string) =>
        waitFor(
          `the watch to say ${status}`,
          () => heartbeats().at(-1) === status,
          { timeoutMs: 20_000 },
        );
      await last("SERVING");
      await database.kill();
      await last("NOT_SERVING");
      await database.restart();
      await last("SERVING");
      assert.deepEqual(heartbeats(), ["SERVING", "NOT_SERVING", "SERVING"]);
      // It needs no database.
      assert.deepEqual(proxy(), ["SERVING"]);
    });
  });
});
