import { CronExpressionParser } from "cron-parser";
import humanInterval from "human-interval";

/** The shortest interval of a schedule, in milliseconds. */
export const minIntervalMs = 1_000;

/** The longest interval of a schedule, in milliseconds: 366 days. */
export const maxIntervalMs = 366 * 24 * 3_600_000;

/**
 * When a job runs: at a fixed interval, or by a cron expression.
 *
 * - `every`: a number of milliseconds, or words such as "10 seconds" or
 *   "1 hour 30 minutes"; from 1 s to 366 days.
 * - `cron`: five fields, six with seconds in front, or a name such as "@daily",
 *   read in the IANA zone `timezone`. By default, that is "UTC": workers on
 *   several machines must agree.
 */
export type Schedule =
  | { readonly every: string | number }
  | { readonly cron: string; readonly timezone?: string };

/** A schedule that was found valid, in the form in which it is calculated. */
export type ParsedSchedule =
  | { readonly kind: "interval"; readonly intervalMs: number }
  | { readonly kind: "cron"; readonly cron: string; readonly timezone: string };

/** An InvalidScheduleError is raised if a schedule cannot be kept; the message says why. */
export class InvalidScheduleError extends Error {
  override name = "InvalidScheduleError";
}

/**
 * Checks a schedule with the parsers that Agenda itself uses (cron-parser and
 * human-interval). Throws InvalidScheduleError with the reason.
 */
export function parseSchedule(schedule: Schedule): ParsedSchedule {
  return "cron" in schedule
    ? parseCron(schedule.cron, schedule.timezone ?? "UTC")
    : { kind: "interval", intervalMs: parseInterval(schedule.every) };
}

/**
 * The slot after the one given: the first on the schedule that lies after both
 * `slot` and `now`. Slots of an interval keep their distance from the slot
 * given, whatever the time a run took, so they do not drift; slots that have
 * passed are left out.
 */
export function nextSlot(
  schedule: ParsedSchedule,
  slot: Date,
  now: Date,
): Date {
  if (schedule.kind === "interval") {
    const { intervalMs } = schedule;
    const passed = Math.floor((now.getTime() - slot.getTime()) / intervalMs);
    return new Date(slot.getTime() + (Math.max(passed, 0) + 1) * intervalMs);
  }
  return nextCronTime(schedule, slot > now ? slot : now);
}

/** The first slot of a new schedule: an interval begins at once, cron at its next time. */
export function firstSlot(schedule: ParsedSchedule, now: Date): Date {
  return schedule.kind === "interval" ? now : nextCronTime(schedule, now);
}

/**
 * The next slots of a schedule that is stored now, in order: the first of them
 * is when an edited job would run next. By default, five.
 */
export function previewSlots(
  schedule: ParsedSchedule,
  { count = 5, from = new Date() }: { count?: number; from?: Date } = {},
): Date[] {
  const slots: Date[] = [];
  let slot = from;
  try {
    while (slots.length < count) {
      slot = nextSlot(schedule, slot, slot);
      slots.push(slot);
    }
  } catch {
    // A cron expression need not come true again and again.
  }
  return slots;
}

// human-interval skips what it does not know: it reads "200 milliseconds" as
// 200 s and "1 hour and a bit" as 1 h. So the whole text has to be known words.
const intervalWords =
  /^(?:(?:\d+(?:\.\d+)?\s*)?(?:second|minute|hour|day|week|month|year)s?(?:\s*,\s*|\s+and\s+|\s+|$))+$/;

function parseInterval(every: string | number): number {
  const intervalMs =
    typeof every === "number" ? every : readWords(every.trim().toLowerCase());
  if (intervalMs === undefined || !Number.isFinite(intervalMs)) {
    throw new InvalidScheduleError(
      `"${every}" is not an interval such as "10 seconds" or "1 hour 30 minutes"`,
    );
  }
  if (intervalMs < minIntervalMs) {
    throw new InvalidScheduleError(
      `an interval of ${intervalMs} ms is shorter than the minimum of 1 second`,
    );
  }
  if (intervalMs > maxIntervalMs) {
    throw new InvalidScheduleError(
      `an interval of ${intervalMs} ms is longer than the maximum of 366 days`,
    );
  }
  return Math.round(intervalMs);
}

function readWords(words: string): number | undefined {
  return words.length <= 100 && intervalWords.test(words)
    ? humanInterval(words)
    : undefined;
}

function parseCron(cron: string, timezone: string): ParsedSchedule {
  // cron-parser fills up an expression that is too short, and Agenda would take
  // "5" for an interval of 5 ms.
  const fields = cron.trim().split(/\s+/);
  if (fields.length < 5 && !cron.trim().startsWith("@")) {
    throw new InvalidScheduleError(
      `"${cron}" is not a cron expression: it has fewer than 5 fields`,
    );
  }
  // Without a seed each reading of H is another random number.
  if (/(?:^|[\s,])h/i.test(cron)) {
    throw new InvalidScheduleError(
      `"${cron}" is not a cron expression: hashed fields (H) are not supported`,
    );
  }
  if (!isTimeZone(timezone)) {
    throw new InvalidScheduleError(`"${timezone}" is not an IANA time zone`);
  }
  const parsed = { kind: "cron", cron: fields.join(" "), timezone } as const;
  try {
    // An expression may be well-formed and yet never come true.
    nextCronTime(parsed, new Date());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidScheduleError(
      `"${cron}" is not a cron expression: ${reason}`,
      { cause: error },
    );
  }
  return parsed;
}

function nextCronTime(
  { cron, timezone }: { cron: string; timezone: string },
  after: Date,
): Date {
  const times = CronExpressionParser.parse(cron, {
    currentDate: after,
    tz: timezone,
  });
  let time = times.next().toDate();
  // When clocks are set back, an hour of wall-clock times comes twice.
  while (time <= after) {
    time = times.next().toDate();
  }
  return time;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
