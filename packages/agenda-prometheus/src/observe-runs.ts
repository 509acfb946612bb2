import type {
  Agenda,
  JobParameters,
  JobStateNotification,
  JobWithId,
} from "agenda";
import type { JobLabels } from "./job-labels.js";
import { markLocks } from "./lock-marks.js";
import type { Settings } from "./options.js";
import type { RunMetrics } from "./run-metrics.js";

/** What a job as stored says when it is locked for a run. */
interface AtLock {
  readonly scheduledFor: Date | null;
  /** Whether the run before was begun, has not ended, and is not going on here. */
  readonly lost: boolean;
}

/** A run that this process is executing. */
interface Run {
  readonly label: string;
  readonly key: string;
  readonly startedAt: number;
  ended?: { outcome: "success" | "failure"; seconds: number };
}

/**
 * Counts the runs of an Agenda until the function that it returns is called.
 * Nothing that it does throws: a listener that throws makes a run fail.
 */
export function observeRuns(
  agenda: Agenda,
  metrics: RunMetrics,
  labels: JobLabels,
  settings: Settings,
): () => void {
  const runs = new Map<object, Run>();
  // A job whose lock has run out may be locked again in the process that is
  // still running it: then two runs have one id.
  const keys = new Set<string>();

  const marks = markLocks<AtLock>(agenda.db, (job) => {
    noteLastSuccess(job);
    return {
      scheduledFor: job.nextRunAt,
      lost: isUnfinished(job) && !keys.has(runKey(job)),
    };
  });

  function noteLastSuccess({
    name,
    lastFinishedAt,
    failedAt,
  }: JobParameters): void {
    const label = labels.of(name);
    if (
      label !== undefined &&
      lastFinishedAt &&
      !(failedAt && failedAt >= lastFinishedAt)
    ) {
      metrics.succeedAt(label, lastFinishedAt);
    }
  }

  function delayOf(job: JobParameters): number | undefined {
    const atLock = marks.of(job);
    let slot: Date | null | undefined;
    try {
      slot = settings.scheduledFor
        ? settings.scheduledFor(job)
        : atLock?.scheduledFor;
    } catch {
      slot = undefined;
    }
    return slot && job.lastRunAt
      ? // Timers fire up to a millisecond early.
        Math.max(0, job.lastRunAt.getTime() - slot.getTime()) / 1_000
      : undefined;
  }

  function onStart(job: JobWithId | JobStateNotification) {
    if (!("attrs" in job)) {
      // Another process runs it; that one counts it.
      return;
    }
    const label = labels.of(job.attrs.name);
    if (label === undefined) {
      return;
    }
    // Not before: the start has just been stored over what told of the loss,
    // so that nobody counts it once more.
    if (settings.detectLost && marks.of(job.attrs)?.lost) {
      metrics.lose(label);
    }
    metrics.start(label, delayOf(job.attrs));
    const key = runKey(job.attrs);
    keys.add(key);
    runs.set(job, { label, key, startedAt: performance.now() });
  }

  function end(job: object, outcome: "success" | "failure"): void {
    const run = runs.get(job);
    if (run !== undefined) {
      const seconds = (performance.now() - run.startedAt) / 1_000;
      run.ended = { outcome, seconds };
    }
  }

  function onSuccess(job: JobWithId | JobStateNotification) {
    end(job, "success");
  }

  function onFail(_: unknown, job: JobWithId | JobStateNotification) {
    end(job, "failure");
  }

  // A run has both events if a listener of the first throws; `complete` comes
  // once, whatever happens, when the end has been stored.
  function onComplete(job: JobWithId | JobStateNotification) {
    const run = runs.get(job);
    if (run?.ended === undefined) {
      return;
    }
    runs.delete(job);
    keys.delete(run.key);
    const { outcome, seconds } = run.ended;
    metrics.end(run.label, outcome, seconds);
    if (outcome === "success" && "attrs" in job) {
      metrics.succeedAt(run.label, job.attrs.lastFinishedAt ?? new Date());
    }
  }

  // First in line: another listener that throws keeps later ones from knowing.
  agenda.prependListener("start", onStart);
  agenda.prependListener("success", onSuccess);
  agenda.prependListener("fail", onFail);
  agenda.prependListener("complete", onComplete);
  return () => {
    marks.detach();
    agenda.off("start", onStart);
    agenda.off("success", onSuccess);
    agenda.off("fail", onFail);
    agenda.off("complete", onComplete);
    runs.clear();
  };
}

function isUnfinished({ lastRunAt, lastFinishedAt }: JobParameters): boolean {
  return lastRunAt
    ? !lastFinishedAt || lastRunAt.getTime() > lastFinishedAt.getTime()
    : false;
}

function runKey({ _id, lastRunAt }: JobParameters): string {
  return `${_id}@${lastRunAt?.getTime()}`;
}
