import { DateUnit } from "@both-ends/gen/admin/v1/heartbeat_admin_service_pb.js";

/** How many there are in one year, month, day or hour. */
export interface DateCount {
  readonly from: Date;
  readonly to: Date;
  readonly count: number;
}

/**
 * Counts times by the year, month, day or hour of a time zone. The times have
 * to be newest first; so are the counts.
 */
export function countByDate(
  times: readonly Date[],
  unit: DateUnit,
  timeZone: string,
): DateCount[] {
  const clock = createClock(timeZone);
  const counts: { from: Date; to: Date; count: number }[] = [];
  for (const time of times) {
    const last = counts.at(-1);
    if (last !== undefined && time >= last.from) {
      last.count += 1;
    } else {
      counts.push({ ...spanOf(time, unit, clock), count: 1 });
    }
  }
  return counts;
}

/** Whether this is the name of a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    createClock(name);
    return true;
  } catch {
    return false;
  }
}

const hourMs = 3_600_000;

interface Clock {
  /** What a clock in the zone shows, as if it were UTC. */
  show(time: number): number;
  /** When a clock in the zone shows this. */
  find(shown: number): number;
}

function createClock(timeZone: string): Clock {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const show = (time: number): number => {
    const parts = new Map(
      format.formatToParts(time).map(({ type, value }) => [type, value]),
    );
    const part = (name: Intl.DateTimeFormatPartTypes) =>
      Number(parts.get(name));
    const second = Date.UTC(
      part("year"),
      part("month") - 1,
      part("day"),
      part("hour"),
      part("minute"),
      part("second"),
    );
    return second + (((time % 1_000) + 1_000) % 1_000);
  };
  return {
    show,
    find(shown) {
      let time = shown;
      // The second round is for a change of clocks between guess and answer.
      for (let round = 0; round < 2; round += 1) {
        time -= show(time) - shown;
      }
      return time;
    },
  };
}

function spanOf(
  time: Date,
  unit: DateUnit,
  clock: Clock,
): { from: Date; to: Date } {
  const shown = clock.show(time.getTime());
  if (unit === DateUnit.HOUR) {
    // By elapsed time: an hour that comes twice is two hours.
    const from = time.getTime() - (shown % hourMs);
    return { from: new Date(from), to: new Date(from + hourMs) };
  }
  const local = new Date(shown);
  const [year, month, day] = [
    local.getUTCFullYear(),
    unit === DateUnit.YEAR ? 0 : local.getUTCMonth(),
    unit === DateUnit.DAY ? local.getUTCDate() : 1,
  ];
  const next =
    unit === DateUnit.YEAR
      ? Date.UTC(year + 1, 0, 1)
      : unit === DateUnit.MONTH
        ? Date.UTC(year, month + 1, 1)
        : Date.UTC(year, month, day + 1);
  return {
    from: new Date(clock.find(Date.UTC(year, month, day))),
    to: new Date(clock.find(next)),
  };
}
