import { DateUnit } from "@both-ends/gen/admin/v1/heartbeat_admin_service_pb.js";

/** How many beats there are in a span of time. */
export interface BeatCount {
  readonly fromMs: number;
  readonly toMs: number;
  readonly beats: number;
}

/** One level of the date hierarchy. */
export interface DateLevel {
  readonly unit: DateUnit;
  readonly counts: readonly BeatCount[];
}

/**
 * Puts days together to years or to months: to the coarsest in which there are
 * several, for a level with one entry is a click for nothing. Newest first, as
 * the days are.
 */
export function groupDays(days: readonly BeatCount[]): DateLevel {
  for (const unit of [DateUnit.YEAR, DateUnit.MONTH]) {
    const groups = new Map<string, BeatCount>();
    for (const day of days) {
      const date = new Date(day.fromMs);
      const month = unit === DateUnit.MONTH ? date.getMonth() : 0;
      const key = `${date.getFullYear()} ${month}`;
      const group = groups.get(key);
      groups.set(key, {
        ...spanOf(date, unit),
        beats: (group?.beats ?? 0) + day.beats,
      });
    }
    if (groups.size > 1) {
      return { unit, counts: [...groups.values()] };
    }
  }
  return { unit: DateUnit.DAY, counts: days };
}

/** The year or month in which a date lies, by the viewer's clock. */
function spanOf(date: Date, unit: DateUnit): { fromMs: number; toMs: number } {
  const year = date.getFullYear();
  const [from, to] =
    unit === DateUnit.YEAR
      ? [new Date(year, 0), new Date(year + 1, 0)]
      : [new Date(year, date.getMonth()), new Date(year, date.getMonth() + 1)];
  return { fromMs: from.getTime(), toMs: to.getTime() };
}
