import type { JobParameters } from "agenda";
import type { Registry, RegistryContentType } from "prom-client";

/** What {@link attachAgendaMetrics} takes. */
export interface AgendaMetricsOptions {
  /**
   * Where the metrics are registered. The caller owns it: the global registry
   * of prom-client is used only if it is passed here.
   */
  registry: Registry<RegistryContentType>;
  /**
   * Put before each metric's name: `"shop_"`. By default, nothing. Several
   * Agendas on one registry need different prefixes.
   */
  prefix?: string;
  /** Labels that all series have, with their values. By default, none. */
  constLabels?: Readonly<Record<string, string>>;
  /**
   * Upper bounds of the run duration's buckets in seconds, ascending, without
   * +Inf. By default, {@link defaultDurationBuckets}. `false` leaves the
   * histogram out.
   */
  durationBuckets?: readonly number[] | false;
  /**
   * Upper bounds of the start delay's buckets in seconds, ascending, without
   * +Inf. By default, {@link defaultDelayBuckets}. `false` leaves the
   * histogram out.
   */
  delayBuckets?: readonly number[] | false;
  /**
   * Tells which jobs are counted, by name. A job for which it throws is not.
   * By default, all are.
   */
  filter?: (jobName: string) => boolean;
  /**
   * How many job names become label values. Once there are so many, all other
   * names count as `other`: names made up at run time must not fill the memory.
   * By default, 100.
   */
  maxJobNames?: number;
  /**
   * Gives the time at which a run should have begun, from which
   * `agenda_job_start_delay_seconds` is measured; nothing for none. What it
   * throws counts as nothing. By default, the `nextRunAt` that the job had when
   * it was locked (when a run starts, Agenda has moved it on already).
   */
  scheduledFor?: (job: JobParameters) => Date | null | undefined;
  /**
   * Counts a run as lost when its job is run again and the stored job says that
   * the run before began and never ended. `false` where runs are kept
   * elsewhere and {@link AgendaMetrics.countLost} is told of lost ones. By
   * default, true.
   */
  detectLost?: boolean;
  /** How `agenda_jobs` is read, or `false` to leave it out. */
  jobStates?: JobStatesOptions | false;
}

/** How the jobs are counted by state when they are scraped. */
export interface JobStatesOptions {
  /**
   * Counts the jobs by state. By default, Agenda is asked for all jobs, at most
   * `maxJobs`, with its own states; a disabled job that is not running is
   * `paused`.
   */
  read?: () => Promise<Readonly<Record<string, number>>>;
  /**
   * The most jobs that are read, for Agenda can tell states only by loading
   * every job. With more, `agenda_jobs` is absent: pass `read` then. By
   * default, 1,000.
   */
  maxJobs?: number;
  /** How long a result, or a failure, is used again. By default, 10,000. */
  maxAgeMs?: number;
  /** How long a scrape waits for the database. By default, 1,000. */
  timeoutMs?: number;
}

/** Buckets for the duration of runs in seconds: 10 ms to an hour. */
export const defaultDurationBuckets: readonly number[] = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800,
  3600,
];

/**
 * Buckets for the delay of starts in seconds: 10 ms to an hour. Agenda looks
 * for jobs every 5 s by default, and times the start of those due until then.
 */
export const defaultDelayBuckets: readonly number[] = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600,
];

/** Options that were checked, with their defaults. */
export interface Settings {
  readonly registry: Registry<RegistryContentType>;
  readonly prefix: string;
  readonly constLabels: Readonly<Record<string, string>>;
  readonly durationBuckets: readonly number[] | undefined;
  readonly delayBuckets: readonly number[] | undefined;
  readonly filter: (jobName: string) => boolean;
  readonly maxJobNames: number;
  readonly scheduledFor: AgendaMetricsOptions["scheduledFor"];
  readonly detectLost: boolean;
  readonly jobStates:
    | (Required<Omit<JobStatesOptions, "read">> &
        Pick<JobStatesOptions, "read">)
    | undefined;
}

/**
 * Checks options. Throws a RangeError for buckets that do not ascend and
 * numbers that are no bound, a TypeError for names that Prometheus does not
 * allow or that are taken.
 */
export function resolveOptions(options: AgendaMetricsOptions): Settings {
  const { filter = () => true, jobStates = {} } = options;
  const settings: Settings = {
    registry: options.registry,
    prefix: options.prefix ?? "",
    constLabels: { ...options.constLabels },
    durationBuckets: checkBuckets(
      "durationBuckets",
      options.durationBuckets ?? defaultDurationBuckets,
    ),
    delayBuckets: checkBuckets(
      "delayBuckets",
      options.delayBuckets ?? defaultDelayBuckets,
    ),
    filter,
    maxJobNames: checkWhole("maxJobNames", options.maxJobNames ?? 100),
    scheduledFor: options.scheduledFor,
    detectLost: options.detectLost ?? true,
    jobStates:
      jobStates === false
        ? undefined
        : {
            read: jobStates.read,
            maxJobs: checkWhole("maxJobs", jobStates.maxJobs ?? 1_000),
            maxAgeMs: checkTime("maxAgeMs", jobStates.maxAgeMs ?? 10_000),
            timeoutMs: checkTime("timeoutMs", jobStates.timeoutMs ?? 1_000),
          },
  };
  checkNames(settings);
  return settings;
}

function checkBuckets(
  name: string,
  bounds: readonly number[] | false,
): readonly number[] | undefined {
  if (bounds === false) {
    return undefined;
  }
  bounds.forEach((bound, i) => {
    const previous = i === 0 ? Number.NEGATIVE_INFINITY : bounds[i - 1];
    if (!Number.isFinite(bound) || bound <= Number(previous)) {
      throw new RangeError(
        `${name} must be ascending, finite numbers, got ${bounds.join(", ")}`,
      );
    }
  });
  return [...bounds];
}

function checkWhole(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${name} must be a whole number from 1, got ${value}`);
  }
  return value;
}

function checkTime(name: string, value: number): number {
  const longest = 2 ** 31 - 1;
  if (!(value >= 0 && value <= longest)) {
    throw new RangeError(`${name} must be 0 to ${longest}, got ${value}`);
  }
  return value;
}

function checkNames({ prefix, constLabels }: Settings): void {
  if (!/^([a-zA-Z_:][a-zA-Z0-9_:]*)?$/.test(prefix)) {
    throw new TypeError(
      `prefix ${JSON.stringify(prefix)} cannot begin a metric's name`,
    );
  }
  for (const name of Object.keys(constLabels)) {
    if (!/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
      throw new TypeError(`${JSON.stringify(name)} is no name for a label`);
    }
    if (["job_name", "outcome", "state", "le"].includes(name)) {
      throw new TypeError(`the label ${name} is taken`);
    }
  }
}
