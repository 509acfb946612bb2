import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { editSchedule, findJob, listRuns } from "@both-ends/jobs";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { needs, run, waitFor } from "@both-ends/testing";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type Db, MongoClient } from "mongodb";
import { readMetrics, sumOf } from "./read-metrics.js";
import { type System, startSystem } from "./use-system.js";

suite("the heartbeats of the running system", needsDatabase(), () => {
  let system: System;
  let mongo: MongoClient;
  before(
    async () => {
      system = await startSystem();
      mongo = await MongoClient.connect(system.databaseUri);
    },
    { timeout: 300_000 },
  );
  after(async () => {
    await mongo.close();
    await system.stop();
  });

  const connect = () =>
    createClient(
      HeartbeatService,
      createGrpcTransport({ baseUrl: `http://${system.services.edge.grpc}` }),
    );

  test("arrive from all three services, each counted once on both ends", async () => {
    await waitFor(
      "two beats of every service",
      async () => {
        const { services } = await connect().listHeartbeats({});
        assert.deepEqual(
          services.map(({ serviceName }) => serviceName),
          ["edge", "revert-name", "time"],
        );
        return services.every(({ beats }) => beats >= 2n);
      },
      { timeoutMs: 40_000, intervalMs: 250 },
    );
    await waitFor("both ends to agree", async () => {
      const labels = { grpc_method: "BeatHeart", grpc_code: "OK" };
      const { edge } = system.services;
      const onServer = sumOf(
        await readMetrics(edge.metrics),
        "grpc_server_handled_total",
        labels,
      );
      let onClients = 0;
      for (const { workerMetrics } of Object.values(system.services)) {
        onClients += sumOf(
          await readMetrics(workerMetrics),
          "grpc_client_handled_total",
          labels,
        );
      }
      assert.ok(onServer >= 6);
      assert.equal(onClients, onServer);
      return true;
    });
  });

  test(
    "sent by grpcurl are stored, and seen by a watcher",
    needs("grpcurl"),
    async () => {
      const caller = new AbortController();
      const seen: string[] = [];
      const watch = (async () => {
        const request = { filter: { serviceNames: ["grpcurl"] } };
        const options = { signal: caller.signal };
        for await (const { services } of connect().watchHeartbeats(
          request,
          options,
        )) {
          seen.push(...services.map(({ instanceId }) => instanceId));
        }
      })();
      const left = assert.rejects(watch);
      const { code, stdout, stderr } = await run("grpcurl", [
        ...[
          "-plaintext",
          "-d",
          '{"serviceName":"grpcurl","instanceId":"by-hand"}',
        ],
        ...[
          system.services.edge.grpc,
          "heartbeat.v1.HeartbeatService/BeatHeart",
        ],
      ]);
      assert.equal(code, 0, stderr);
      assert.ok(Date.parse(JSON.parse(stdout).serverTime) > 0);
      await waitFor("the watcher to see it", () => seen.includes("by-hand"));
      caller.abort();
      await left;
      const { beats } = await connect().listHeartbeats({
        filter: { serviceNames: ["grpcurl"] },
      });
      assert.deepEqual(
        beats.map(({ instanceId }) => instanceId),
        ["by-hand"],
      );
    },
  );

  test("go on after kill -9 of a worker, by the schedule as it was edited", async () => {
    const db: Db = mongo.db("time");
    const job = await findJob(db, "send-heartbeat");
    assert.ok(job);
    const edited = await editSchedule(db, "send-heartbeat", {
      every: "2 seconds",
      revision: job.revision,
    });
    const killed = await system.pid("time", "worker");
    process.kill(killed, "SIGKILL");
    const at = new Date();
    const revived = await waitFor(
      "the worker to be started again",
      async () => {
        const pid = await system.pid("time", "worker");
        return pid !== killed && pid;
      },
      { timeoutMs: 20_000 },
    );
    assert.notEqual(revived, killed);
    await waitFor(
      "runs after the kill",
      async () => {
        const { runs } = await listRuns(db, { job: "send-heartbeat" });
        const good = runs.filter(
          ({ outcome, startedAt }) => outcome === "success" && startedAt > at,
        );
        return good.length >= 2;
      },
      { timeoutMs: 30_000, intervalMs: 250 },
    );
    const { services } = await connect().listHeartbeats({
      filter: { serviceNames: ["time"] },
    });
    assert.equal(services[0]?.interval?.seconds, 2n);
    const after = await findJob(db, "send-heartbeat");
    assert.deepEqual(after?.schedule, edited.schedule);
    assert.equal(after?.revision, edited.revision);
  });
});
