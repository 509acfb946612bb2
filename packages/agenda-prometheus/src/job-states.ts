import type { Agenda, JobsResult } from "agenda";
import type { Settings } from "./options.js";

/** Numbers of jobs by state. */
export type JobStates = Readonly<Record<string, number>>;

/** Reads the states of jobs for scrapes. */
export interface JobStatesReader {
  /**
   * The states, undefined if they could not be read within the time. Calls at
   * the same time share one read.
   */
  read(): Promise<JobStates | undefined>;
  /** How many reads failed or took too long. */
  errors(): number;
}

// A read of a database that hangs ends by itself when the connection breaks.
// One that never does must not keep all later ones from being tried.
const forgetReadAfterMs = 60_000;

/** Creates a reader that keeps what it has read for a while. */
export function createJobStatesReader(
  query: () => Promise<JobStates>,
  { maxAgeMs, timeoutMs }: { maxAgeMs: number; timeoutMs: number },
): JobStatesReader {
  let last: { states: JobStates | undefined; at: number } | undefined;
  let pending: { answer: Promise<JobStates>; since: number } | undefined;
  let attempt: Promise<JobStates | undefined> | undefined;
  let errors = 0;

  function ask(): Promise<JobStates> {
    if (
      pending !== undefined &&
      performance.now() - pending.since < forgetReadAfterMs
    ) {
      return pending.answer;
    }
    // A query may also throw at once.
    const answer = Promise.resolve().then(query);
    const asked = { answer, since: performance.now() };
    pending = asked;
    const settle = (states: JobStates | undefined) => {
      if (pending === asked) {
        pending = undefined;
        last = { states, at: performance.now() };
      }
    };
    // An answer that comes late is for the next scrape.
    asked.answer.then(settle, () => settle(undefined));
    return asked.answer;
  }

  async function tryToRead(): Promise<JobStates | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("too late")), timeoutMs);
    });
    try {
      return await Promise.race([ask(), late]);
    } catch {
      errors += 1;
      return undefined;
    } finally {
      clearTimeout(timer);
      attempt = undefined;
    }
  }

  return {
    async read() {
      if (last !== undefined && performance.now() - last.at < maxAgeMs) {
        return last.states;
      }
      attempt ??= tryToRead();
      return await attempt;
    },
    errors: () => errors,
  };
}

/**
 * Counts jobs by Agenda's own states, all of them from 0, and those that are
 * disabled as `paused`. Rejects if there are more than `maxJobs`.
 */
export async function countJobsByState(
  agenda: Agenda,
  maxJobs: number,
  filter: Settings["filter"],
): Promise<JobStates> {
  // Agenda's own overview counts a disabled job twice, and loads all there are.
  const { jobs, total } = await agenda.queryJobs({ limit: maxJobs });
  if (total > maxJobs) {
    throw new RangeError(`there are ${total} jobs, more than ${maxJobs}`);
  }
  const states: Record<State, number> = {
    running: 0,
    scheduled: 0,
    queued: 0,
    completed: 0,
    failed: 0,
    repeating: 0,
    paused: 0,
  };
  for (const job of jobs) {
    if (filter(job.name)) {
      const paused = job.disabled === true && job.state !== "running";
      states[paused ? "paused" : job.state] += 1;
    }
  }
  return states;
}

type State = JobsResult["jobs"][number]["state"];
