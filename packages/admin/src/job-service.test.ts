import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { AuditService } from "@both-ends/gen/admin/v1/audit_service_pb.js";
import {
  type Job,
  JobState,
  RunOutcome,
  StaleJobSchema,
} from "@both-ends/gen/admin/v1/job_pb.js";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { createWorkerJobs, type JobDefinition } from "@both-ends/jobs";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeOf, type TestAdmin, useAdmin } from "./use-admin.js";

const options = { ...needsDatabase(), timeout: 60_000 };

const every = (words: string) =>
  ({ kind: { case: "every", value: words } }) as const;
const cron = (expression: string, timeZone = "") =>
  ({ kind: { case: "cron", value: { expression, timeZone } } }) as const;

const definitions: readonly JobDefinition[] = [
  {
    name: "tick",
    description: "Ticks away",
    every: "1 hour",
    timeoutMs: 5_000,
    data: { answer: 42 },
    run: async ({ log }) => {
      log("ticking");
      return "ticked";
    },
  },
  {
    name: "trip",
    description: "Always fails",
    cron: "0 3 * * *",
    timeoutMs: 5_000,
    run: async () => {
      throw new Error("tripped over a stone");
    },
  },
];

/** Starts a worker with two jobs, and waits until they are stored. */
async function useJobs(admin: TestAdmin) {
  const worker = createWorkerJobs({
    db: admin.jobs,
    worker: "test:1",
    jobs: definitions,
    processEveryMs: 100,
  });
  admin.after(() => worker.close({ timeoutMs: 500 }));
  worker.start();
  const jobs = admin.client(JobService, await admin.sessionOf("operator"));
  const get = async (name = "tick"): Promise<Job> => {
    const { job } = await jobs.getJob({ name });
    assert.ok(job);
    return job;
  };
  await waitFor("the first run", async () => {
    const job = await get();
    return job.lastFinishedAt !== undefined && job.state !== JobState.RUNNING;
  });
  return { jobs, get };
}

suite("JobService", { concurrency: 4 }, () => {
  test(
    "lists jobs by state, text and failure, page by page",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const { jobs, get } = await useJobs(admin);
      const names = async (request: Parameters<typeof jobs.listJobs>[0]) =>
        (await jobs.listJobs(request)).jobs.map(({ name }) => name);
      assert.deepEqual(await names({}), ["tick", "trip"]);
      assert.deepEqual(await names({ search: "AWAY" }), ["tick"]);
      assert.deepEqual(await names({ states: [JobState.PAUSED] }), []);
      assert.deepEqual(await names({ failing: true }), []);
      const { revision } = await get("trip");
      await jobs.pauseJob({ name: "trip", revision });
      assert.deepEqual(await names({ states: [JobState.PAUSED] }), ["trip"]);
      await jobs.deleteJob({ name: "trip", revision: revision + 1 });
      assert.deepEqual(await names({}), ["tick"]);
      assert.deepEqual(await names({ states: [JobState.DELETED] }), ["trip"]);
      const all = {
        states: [JobState.DELETED, JobState.SCHEDULED, JobState.RUNNING],
      };
      const first = await jobs.listJobs({ ...all, pageSize: 1 });
      assert.equal(first.total, 2);
      const second = await jobs.listJobs({
        ...all,
        pageSize: 1,
        pageToken: first.nextPageToken,
      });
      assert.deepEqual(
        [...first.jobs, ...second.jobs].map(({ name }) => name),
        ["tick", "trip"],
      );
      assert.equal(second.nextPageToken, "");
    },
  );

  test(
    "gives the second of two editors what the first has changed",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const { jobs, get } = await useJobs(admin);
      const { revision } = await get();
      const ann = admin.client(
        JobService,
        await admin.sessionOf("operator", "ann"),
      );
      await ann.editJob({
        name: "tick",
        revision,
        schedule: every("30 minutes"),
      });
      try {
        await jobs.editJob({
          name: "tick",
          revision,
          schedule: every("1 day"),
        });
        assert.fail("both were made");
      } catch (error) {
        const failure = ConnectError.from(error);
        assert.equal(failure.code, Code.Aborted);
        const [stale] = failure.findDetails(StaleJobSchema);
        assert.deepEqual(stale?.current, await get());
        const [change, ...others] = stale.changes;
        assert.deepEqual(others, []);
        assert.equal(change?.username, "ann");
        assert.equal(change.method, "JobService/EditJob");
        assert.match(change.beforeJson, /"every":"1 hour"/);
        assert.match(change.afterJson, /"every":"30 minutes"/);
      }
      const { editedBy, schedule } = await get();
      assert.equal(editedBy, "ann");
      assert.deepEqual(schedule?.kind.value, "30 minutes");
      // The edit that was refused has left nothing in the audit log.
      const audit = admin.client(AuditService, await admin.tokenOf("viewer"));
      const { entries } = await audit.listAudit({ target: "job:tick" });
      assert.equal(entries.length, 1);
    },
  );

  test(
    "refuses a schedule that cannot be kept, with the reason",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const { jobs, get } = await useJobs(admin);
      const before = await get();
      const bad = [
        [every("200 milliseconds"), /"200 milliseconds" is not an interval/],
        [every("1 second and a bit"), /is not an interval/],
        [every("0 seconds"), /shorter than the minimum/],
        [every("9 years"), /longer than the maximum/],
        [cron("99 * * * *"), /"99 \* \* \* \*" is not a cron expression/],
        [cron("* * *"), /fewer than 5 fields/],
        [cron("0 3 * * *", "Mars/Olympus"), /"Mars\/Olympus" is not an IANA/],
        [cron("0 0 30 2 *"), /is not a cron expression/],
      ] as const;
      for (const [schedule, reason] of bad) {
        for (const call of [
          jobs.previewSchedule({ schedule }),
          jobs.editJob({ name: "tick", revision: before.revision, schedule }),
        ]) {
          await assert.rejects(call, (error) => {
            const { code, rawMessage } = ConnectError.from(error);
            assert.equal(code, Code.InvalidArgument);
            assert.match(rawMessage, reason);
            return true;
          });
        }
      }
      assert.deepEqual(await get(), before);
      const edit = jobs.editJob({ name: "tick", revision: before.revision });
      assert.equal(await codeOf(edit), Code.InvalidArgument);
    },
  );

  test(
    "shows the next five runs before anything is stored, and after",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const { jobs, get } = await useJobs(admin);
      const { nextRuns, interval } = await jobs.previewSchedule({
        schedule: cron("30 3 * * *", "Asia/Tokyo"),
      });
      assert.equal(nextRuns.length, 5);
      for (const slot of nextRuns) {
        assert.match(timestampDate(slot).toISOString(), /T18:30:00.000Z$/);
      }
      assert.equal(interval?.seconds, 86_400n);
      const { revision } = await get();
      const { job } = await jobs.editJob({
        name: "tick",
        revision,
        schedule: every("10 Minutes"),
      });
      assert.equal(job?.interval?.seconds, 600n);
      const shown = await jobs.getJob({ name: "tick" });
      const times = shown.nextRuns.map((slot) => timestampDate(slot).getTime());
      assert.equal(times[0], timestampDate(assertSet(job.nextRunAt)).getTime());
      assert.equal(assertSet(times[4]) - assertSet(times[0]), 4 * 600_000);
    },
  );

  test(
    "runs a job by hand, and shows its data, log, result and timing",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const { jobs, get } = await useJobs(admin);
      const { revision } = await get();
      const { job } = await jobs.runJob({ name: "tick", revision });
      const asked = timestampDate(assertSet(job?.nextRunAt)).toISOString();
      const { run } = await waitFor("the run", async () => {
        const found = await jobs.getRun({ id: `tick@${asked}` });
        return found.run?.outcome === RunOutcome.SUCCESS && found;
      });
      assert.equal(run?.requestedBy, "operator");
      assert.equal(run.result, "ticked");
      assert.equal(run.dataJson, '{"answer":42}');
      assert.deepEqual(run.log, ["ticking"]);
      assert.equal(run.worker, "test:1");
      assert.ok(run.duration && run.startDelay && run.endedAt);
      const { runs } = await jobs.listRuns({ job: "tick" });
      assert.deepEqual(
        runs.map(({ requestedBy, log }) => [requestedBy, log]),
        [
          ["operator", []],
          ["", []],
        ],
      );
      assert.equal(await codeOf(jobs.getRun({ id: "none" })), Code.NotFound);
    },
  );

  test("runs a failed run's job again, and no other's", options, async (t) => {
    const admin = await useAdmin(t);
    const { jobs, get } = await useJobs(admin);
    const { revision } = await get("trip");
    await jobs.runJob({ name: "trip", revision });
    const failed = async (count: number) =>
      await waitFor(`${count} failures`, async () => {
        const { runs } = await jobs.listRuns({ outcome: RunOutcome.FAILURE });
        return runs.length === count && runs;
      });
    const [run] = await failed(1);
    assert.equal(run?.failure, "tripped over a stone");
    await waitFor("the job to be free", async () => {
      return (await get("trip")).failures === 1;
    });
    await jobs.requeueRun({ id: run.id });
    await failed(2);
    const trip = await waitFor("the failures", async () => {
      const job = await get("trip");
      return job.failures === 2 && job;
    });
    assert.equal(trip.lastFailure, "tripped over a stone");
    const { jobs: failing } = await jobs.listJobs({ failing: true });
    assert.deepEqual(
      failing.map(({ name }) => name),
      ["trip"],
    );
    const { runs } = await jobs.listRuns({ outcome: RunOutcome.SUCCESS });
    assert.equal(
      await codeOf(jobs.requeueRun({ id: runs[0]?.id ?? "" })),
      Code.FailedPrecondition,
    );
    assert.equal(await codeOf(jobs.requeueRun({ id: "x" })), Code.NotFound);
  });

  test(
    "pauses, resumes, deletes and creates, each in its state alone",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const { jobs, get } = await useJobs(admin);
      const name = "tick";
      const { revision } = await get();
      const next = (edits: number) => ({ name, revision: revision + edits });
      const refused = async (call: Promise<unknown>) =>
        assert.equal(await codeOf(call), Code.FailedPrecondition);
      await refused(jobs.resumeJob(next(0)));
      await refused(jobs.createJob({ ...next(0), schedule: every("1 day") }));
      const { job: paused } = await jobs.pauseJob(next(0));
      assert.equal(paused?.state, JobState.PAUSED);
      assert.equal(paused.nextRunAt, undefined);
      assert.deepEqual((await jobs.getJob({ name })).nextRuns, []);
      await refused(jobs.runJob(next(1)));
      await jobs.resumeJob(next(1));
      const { job: deleted } = await jobs.deleteJob(next(2));
      assert.equal(deleted?.state, JobState.DELETED);
      await refused(jobs.editJob({ ...next(3), schedule: every("1 day") }));
      const { job } = await jobs.createJob({
        ...next(3),
        schedule: cron("@daily"),
      });
      assert.equal(job?.state, JobState.SCHEDULED);
      assert.equal(
        await codeOf(jobs.pauseJob({ name: "nobody", revision: 1 })),
        Code.NotFound,
      );
    },
  );

  test(
    "streams all jobs, then what changes, and a run with its log",
    options,
    async (t) => {
      const admin = await useAdmin(t);
      const { jobs, get } = await useJobs(admin);
      const { runs } = await jobs.listRuns({ job: "tick" });
      const runId = runs[0]?.id ?? "";
      const end = new AbortController();
      admin.after(() => end.abort());
      const stream = jobs
        .watchJobs({ runId }, { signal: end.signal })
        [Symbol.asyncIterator]();
      const first = await stream.next();
      assert.deepEqual(
        first.value?.jobs.map(({ name }: Job) => name),
        ["tick", "trip"],
      );
      assert.deepEqual(first.value?.run?.log, ["ticking"]);
      const { revision } = await get("trip");
      await jobs.pauseJob({ name: "trip", revision });
      const second = await stream.next();
      assert.deepEqual(
        second.value?.jobs.map(({ name, state }: Job) => [name, state]),
        [["trip", JobState.PAUSED]],
      );
      assert.equal(second.value?.run, undefined);
      await admin.database.kill();
      assert.equal(await codeOf(stream.next()), Code.Unavailable);
    },
  );

  test("lists runs of a time, page by page", options, async (t) => {
    const admin = await useAdmin(t);
    const { jobs, get } = await useJobs(admin);
    for (let count = 2; count <= 5; count += 1) {
      await waitFor("a run by hand", async () => {
        const { revision } = await get();
        await jobs.runJob({ name: "tick", revision });
        return true;
      });
      await waitFor(`${count} runs`, async () => {
        const { runs } = await jobs.listRuns({ outcome: RunOutcome.SUCCESS });
        return runs.length === count;
      });
    }
    const { runs } = await jobs.listRuns({});
    const [newest, , , , oldest] = runs;
    const page = await jobs.listRuns({
      from: oldest?.startedAt,
      to: newest?.startedAt,
      pageSize: 3,
    });
    const rest = await jobs.listRuns({
      from: oldest?.startedAt,
      to: newest?.startedAt,
      pageSize: 3,
      pageToken: page.nextPageToken,
    });
    assert.deepEqual([...page.runs, ...rest.runs], runs.slice(1));
    for (const pageToken of ["nonsense", "WyJ4Il0"]) {
      assert.equal(
        await codeOf(jobs.listRuns({ pageToken })),
        Code.InvalidArgument,
      );
    }
  });
});

function assertSet<T>(value: T | undefined): T {
  assert.ok(value !== undefined);
  return value;
}
