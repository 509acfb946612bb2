import {
  type CronSchedule,
  JobState,
  RunOutcome,
  type Schedule as ScheduleMessage,
} from "@both-ends/gen/admin/v1/job_pb.js";
import {
  parseSchedule,
  previewSlots,
  type Run,
  type RunDetails,
  type Schedule,
  type ScheduledJob,
} from "@both-ends/jobs";
import { toDuration, toTimestamp } from "./timestamp.js";

/** Turns a job into a message. */
export function toJob(job: ScheduledJob) {
  return {
    name: job.name,
    description: job.description,
    schedule: toScheduleMessage(job.schedule),
    state: toJobState(job),
    revision: job.revision,
    nextRunAt: job.state === "active" ? toTimestamp(job.nextRunAt) : undefined,
    lastRunAt: toTimestamp(job.lastRunAt),
    lastFinishedAt: toTimestamp(job.lastFinishedAt),
    lastFailedAt: toTimestamp(job.lastFailure?.at),
    lastFailure: job.lastFailure?.reason ?? "",
    failures: job.failures,
    worker: job.worker ?? "",
    interval: intervalOf(job.schedule),
    editedBy: job.lastEdit?.by ?? "",
    editedAt: toTimestamp(job.lastEdit?.at),
    lockLifetime: toDuration(job.lockLifetimeMs),
    dataJson: toJson(job.data),
  };
}

/** What a job is doing. */
export function toJobState(job: ScheduledJob): JobState {
  if (job.state === "removed") {
    return JobState.DELETED;
  }
  if (job.state === "paused") {
    return JobState.PAUSED;
  }
  return job.locked ? JobState.RUNNING : JobState.SCHEDULED;
}

/** Turns a run into a message. */
export function toRun(run: Run | RunDetails) {
  const { startedAt, endedAt } = run;
  const delayMs = startedAt.getTime() - run.scheduledFor.getTime();
  return {
    id: run.id,
    job: run.job,
    scheduledFor: toTimestamp(run.scheduledFor),
    attempt: run.attempt,
    outcome: outcomes[run.outcome],
    startedAt: toTimestamp(startedAt),
    endedAt: toTimestamp(endedAt),
    startDelay: toDuration(Math.max(delayMs, 0)),
    duration:
      endedAt === undefined
        ? undefined
        : toDuration(Math.max(endedAt.getTime() - startedAt.getTime(), 0)),
    worker: run.worker,
    requestedBy: run.requestedBy ?? "",
    result: run.result ?? "",
    failure: run.failure ?? "",
    ...("log" in run
      ? {
          dataJson: toJson(run.data),
          log: [...run.log],
          logDropped: run.logDropped,
        }
      : {}),
  };
}

/** Reads an outcome that was validated. Undefined if it is not set. */
export function fromRunOutcome(
  outcome: RunOutcome,
): Run["outcome"] | undefined {
  const names = ["running", "success", "failure", "lost"] as const;
  return names.find((name) => outcomes[name] === outcome);
}

const outcomes = {
  running: RunOutcome.RUNNING,
  success: RunOutcome.SUCCESS,
  failure: RunOutcome.FAILURE,
  lost: RunOutcome.LOST,
} as const;

/** Reads a schedule that was validated. */
export function fromScheduleMessage(
  schedule: ScheduleMessage | undefined,
): Schedule {
  const kind = schedule?.kind;
  if (kind?.case === "cron") {
    return fromCron(kind.value);
  }
  return { every: kind?.value ?? "" };
}

function fromCron({ expression, timeZone }: CronSchedule): Schedule {
  return {
    cron: expression,
    ...(timeZone === "" ? {} : { timezone: timeZone }),
  };
}

function toScheduleMessage(schedule: Schedule) {
  if ("cron" in schedule) {
    const { cron: expression, timezone: timeZone = "UTC" } = schedule;
    return { kind: { case: "cron", value: { expression, timeZone } } } as const;
  }
  const { every } = schedule;
  const value = typeof every === "string" ? every : wordsOf(every);
  return { kind: { case: "every", value } } as const;
}

/** Words that are read as so many milliseconds: the API knows no bare numbers. */
function wordsOf(ms: number): string {
  const units = [
    ["day", 86_400_000],
    ["hour", 3_600_000],
    ["minute", 60_000],
  ] as const;
  const unit = units.find(([, size]) => ms % size === 0);
  const [name, size] = unit ?? (["second", 1_000] as const);
  const count = ms / size;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

function intervalOf(schedule: Schedule) {
  try {
    const parsed = parseSchedule(schedule);
    if (parsed.kind === "interval") {
      return toDuration(parsed.intervalMs);
    }
    const [first, second] = previewSlots(parsed, { count: 2 });
    return first && second && toDuration(second.getTime() - first.getTime());
  } catch {
    // Somebody wrote something else into the database: an edit mends it.
    return undefined;
  }
}

function toJson(data: unknown): string {
  return data === undefined ? "" : JSON.stringify(data);
}
