// Measures how long lists take over 10,000 beats, runs and changes, while beats
// go on arriving. With --write, the table also goes into docs/admin.md.
import { readFile, writeFile } from "node:fs/promises";
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
import {
  describeMachine,
  type ListTimes,
  readCpuMs,
  renderListTimes,
} from "./list-times.js";
import { replaceSection } from "./page-section.js";
import { type TestAdmin, useAdmin } from "./use-admin.js";

const rows = 10_000;
const calls = Number(process.env.CALLS ?? 100);
const beatsPerSecond = 10;
const listLimitMs = 400;
const beatLimitMs = 500;
const command = "npm run list-benchmark";
const page = new URL("../../../docs/admin.md", import.meta.url);

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

/** The lists, as a page asks for them, and what edge's ListHeartbeats reads. */
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
    ["beats of the history", () => store.listBeats({ pageSize: 50 })],
  ];
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
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

async function measure(t: {
  after(fn: () => Promise<void>): void;
}): Promise<string> {
  const machine = describeMachine();
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
  const rows: ListTimes[] = [];
  const beats = await beatWhile(store, async () => {
    for (const [name, list] of listsOf(admin, credentials, store)) {
      const times: number[] = [];
      await list();
      const before = await readCpuMs(admin.database.pid());
      for (let call = 0; call < calls; call += 1) {
        const begun = performance.now();
        await list();
        times.push(performance.now() - begun);
      }
      const after = await readCpuMs(admin.database.pid());
      const cpuMs =
        before === undefined || after === undefined
          ? undefined
          : (after - before) / calls;
      rows.push({ name, times, limitMs: listLimitMs, cpuMs });
    }
  });
  const table = renderListTimes([
    ...rows,
    { name: "a beat, while nothing else goes on", times: alone },
    { name: "a beat, while lists run", times: beats, limitMs: beatLimitMs },
  ]);
  return `${machine}; ${calls} calls of each list, ${beats.length} beats while they ran.\n\n${table}`;
}

const releases: (() => Promise<void>)[] = [];
try {
  const text = await measure({ after: (fn) => releases.push(fn) });
  process.stdout.write(`${text}\n`);
  if (process.argv.includes("--write")) {
    const old = await readFile(page, "utf8");
    await writeFile(page, replaceSection(old, command, text));
  }
} finally {
  for (const release of releases) {
    await release();
  }
}
