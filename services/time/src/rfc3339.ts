const formats = new Map<string, Intl.DateTimeFormat>();

// More than there are zones; a caller who spells one in ever new ways of upper
// and lower case must not fill the memory.
const maxFormats = 1_000;

/**
 * Formats a moment in RFC 3339 to the millisecond, in an IANA time zone, with
 * its offset: `2026-11-23T16:27:00.123-03:00`. An empty zone is UTC, and no
 * offset is written as `Z`. Throws a RangeError for a zone that is not known.
 */
export function formatRfc3339(moment: Date, timeZone = ""): string {
  const utc = moment.toISOString();
  if (timeZone === "" || timeZone === "UTC") {
    return utc;
  }
  const name = offsetFormat(timeZone)
    .formatToParts(moment)
    .find((part) => part.type === "timeZoneName")?.value;
  // "GMT-03:00"; "GMT" alone, or "GMT+00:00", where there is no offset.
  const [, sign = "+", hours = "00", minutes = "00"] =
    /^GMT([+-])(\d\d):(\d\d)/.exec(name ?? "") ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
  if (offset === 0) {
    return utc;
  }
  const local = moment.getTime() + (sign === "-" ? -offset : offset);
  return `${new Date(local).toISOString().slice(0, -1)}${sign}${hours}:${minutes}`;
}

function offsetFormat(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      timeZoneName: "longOffset",
    });
    if (formats.size < maxFormats) {
      formats.set(timeZone, format);
    }
  }
  return format;
}
