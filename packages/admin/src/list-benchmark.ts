// Measures how long lists take over 10,000 beats, runs and changes, while beats
// go on arriving: npm run list-benchmark -w packages/admin
import { setTimeout as delay } from "node:timers/promises";
import { AuditService } from "@both-ends/gen/admin/v1/audit_service_pb.js";
import {
  DateUnit,
  HeartbeatAdminService,
} from "@both-ends/gen/admin/v1/heartbeat_admin_service_pb.js";
import { RunOutcome } from "@both-ends/gen/admin/v1/job_pb.js";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import {
  createHeartbeatStore,
  type HeartbeatStore,
} from "@both-ends/heartbeat";
import { ensureIndexes, ensureJobs } from "@both-ends/jobs";
import { connectDatabase } from "@both-ends/mongo";
import { type Db, ObjectId } from "mongodb";
import { ensureAdminIndexes } from "./admin-documents.js";
import { type TestAdmin, useAdmin } from "./use-admin.js";

const rows = 10_000;
const calls = Number(process.env.CALLS ?? 20);
const beatsPerSecond = 5;

async function fill(db: Db, name: string, make: (index: number) => object) {
  for (let start = 0; start < rows; start += 1_000) {
    const part = Array.from({ length: 1_000 }, (_, at) => make(start + at));
    await db.collection(name).insertMany(part);
  }
}

async function fillAll({ db, jobs }: TestAdmin, edge: Db): Promise<void> {
  const now = Date.now();
  const at = (index: number) => new Date(now - index * 10_000);
  await ensureIndexes(jobs);
  await ensureAdminIndexes(db);
  await fill(jobs, "job_runs", (index) => {
    const job = ["send-heartbeat", "prune-heartbeats", "prune-job-runs"];
    const name = job[index % 50 === 0 ? 1 + (index % 3 === 0 ? 1 : 0) : 0];
    return {
      _id: `${name}@${at(index).toISOString()}`,
      job: name,
      started_at: at(index),
      outcome: index % 100 === 7 ? "failure" : "success",
      end: JSON.stringify({
        worker: "workstation:4242",
        ended_at: at(index).getTime() + 5,
        ...(index % 100 === 7
          ? { failure: "[unavailable] connection refused" }
          : { result: "beat stored" }),
      }),
    };
  });
  await fill(edge, "heartbeat_history", (index) => ({
    _id: new ObjectId(),
    service: ["time", "revert-name", "edge"][index % 3],
    instance_id: "workstation:4242",
    interval_ms: 10_000,
    time: at(index),
  }));
  await fill(db, "audit", (index) => ({
    _id: new ObjectId(),
    at: at(index),
    user: ["ann", "ben", "admin"][index % 3],
    service: ["time", "revert-name", "edge"][index % 3],
    method: "JobService/EditJob",
    target: "job:send-heartbeat",
    details: JSON.stringify({
      address: "127.0.0.1",
      request_id: "0193-4d2e-7f21",
      before: { schedule: { every: "10 seconds" }, revision: 1 },
      after: { schedule: { every: "20 seconds" }, revision: 2 },
      outcome: "done",
      revision: 2,
    }),
  }));
}

/** The lists, as a page asks for them. */
function listsOf(
  admin: TestAdmin,
  credentials: Readonly<Record<string, string>>,
  store: HeartbeatStore,
): readonly (readonly [string, () => Promise<unknown>])[] {
  const jobs = admin.client(JobService, credentials);
  const audit = admin.client(AuditService, credentials);
  const heartbeats = admin.client(HeartbeatAdminService, credentials);
  const second = once(async () => (await jobs.listRuns({})).nextPageToken);
  return [
    ["ListJobs", () => jobs.listJobs({})],
    ["ListRuns", () => jobs.listRuns({})],
    [
      "ListRuns, second page",
      async () => jobs.listRuns({ pageToken: await second() }),
    ],
    ["ListRuns, of a job", () => jobs.listRuns({ job: "prune-heartbeats" })],
    [
      "ListRuns, failures",
      () => jobs.listRuns({ outcome: RunOutcome.FAILURE }),
    ],
    ["ListRuns, lost", () => jobs.listRuns({ outcome: RunOutcome.LOST })],
    ["ListAudit", () => audit.listAudit({})],
    ["ListAudit, of a user", () => audit.listAudit({ username: "ann" })],
    ["CountBeats, by day", () => heartbeats.countBeats({ unit: DateUnit.DAY })],
    ["history of beats", () => store.listBeats({ pageSize: 50 })],
  ];
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function summarize(times: readonly number[]): string[] {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (q: number) =>
    sorted[Math.min(Math.floor(q * sorted.length), sorted.length - 1)] ?? 0;
  return [at(0.5), at(0.99), at(1)].map((ms) => ms.toFixed(0));
}

async function beatWhile(store: HeartbeatStore, work: () => Promise<void>) {
  const times: number[] = [];
  const over = new AbortController();
  const beat = async (index: number) => {
    const begun = performance.now();
    const serviceName = `service-${index % 3}`;
    await store.recordBeat({ serviceName, instanceId: "benchmark" });
    times.push(performance.now() - begun);
  };
  const beating = (async () => {
    const pending: Promise<void>[] = [];
    for (let index = 0; !over.signal.aborted; index += 1) {
      pending.push(beat(index));
      await delay(1_000 / beatsPerSecond);
    }
    await Promise.all(pending);
  })();
  try {
    await work();
  } finally {
    over.abort();
    await beating;
  }
  return times;
}

async function main(t: { after(fn: () => Promise<void>): void }) {
  const admin = await useAdmin(t, {
    heartbeats: {
      forget: (...args) => store.forget(...args),
      listBeatTimes: (...args) => store.listBeatTimes(...args),
    },
  });
  const connection = connectDatabase({ uri: admin.database.uri });
  admin.after(() => connection.close());
  const edge = connection.db("edge");
  const store = createHeartbeatStore({ db: edge, timeoutMs: 20_000 });
  await store.ensureIndexes();
  await ensureJobs(admin.jobs, [
    {
      name: "send-heartbeat",
      description: "Beats",
      every: "10 seconds",
      timeoutMs: 1_000,
      run: async () => {},
    },
  ]);
  await fillAll(admin, edge);
  const credentials = await admin.tokenOf("operator");
  const alone = await beatWhile(store, () => delay(5_000));
  const table: string[][] = [["", "median", "p99", "max"]];
  const beats = await beatWhile(store, async () => {
    for (const [name, list] of listsOf(admin, credentials, store)) {
      const times: number[] = [];
      await list();
      for (let call = 0; call < calls; call += 1) {
        const begun = performance.now();
        await list();
        times.push(performance.now() - begun);
      }
      table.push([name, ...summarize(times)]);
    }
  });
  table.push(["a beat, nothing else going on", ...summarize(alone)]);
  table.push([`a beat, ${beats.length} while lists run`, ...summarize(beats)]);
  const lines = table.map(
    ([name = "", ...cells]) =>
      `${name.padEnd(34)}${cells.map((cell) => cell.padStart(8)).join("")}`,
  );
  process.stdout.write(`${lines.join("\n")}\nmilliseconds\n`);
}

const releases: (() => Promise<void>)[] = [];
try {
  await main({ after: (fn) => releases.push(fn) });
} finally {
  for (const release of releases) {
    await release();
  }
}
