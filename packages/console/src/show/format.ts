import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";

const units = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** Says how far from now a moment is: "3 minutes ago", "in 10 seconds". */
export function formatAgo(differenceMs: number): string {
  const seconds = Math.round(differenceMs / 1_000);
  const size = Math.abs(seconds);
  const [unit, length] = units.find(([, of]) => size >= of) ?? ["second", 1];
  return relative.format(Math.trunc(seconds / length), unit);
}

/** A span of time in a short form: "840 µs", "12.3 ms", "5 s", "2 h 5 min". */
export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) {
    return "–";
  }
  const short = (value: number) =>
    value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  if (seconds < 0.001) {
    return seconds === 0 ? "0 s" : `${short(seconds * 1e6)} µs`;
  }
  if (seconds < 1) {
    return `${short(seconds * 1e3)} ms`;
  }
  if (seconds < 60) {
    return `${short(seconds)} s`;
  }
  return formatLong(Math.round(seconds));
}

/** The same for a Duration. */
export function formatDuration(duration: Duration | undefined): string {
  return formatSeconds(duration && durationMs(duration) / 1_000);
}

/** A number of calls a second: "0", "0.42", "1,204". */
export function formatRate(rate: number): string {
  return rate >= 100
    ? Math.round(rate).toLocaleString("en")
    : String(Number(rate.toPrecision(2)));
}

/** A share in percent. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

/** A number of bytes in MiB. */
export function formatMebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** A count with separators. */
export function formatCount(count: number | bigint): string {
  return count.toLocaleString("en");
}

function formatLong(seconds: number): string {
  const parts = [
    ["d", Math.floor(seconds / 86_400)],
    ["h", Math.floor(seconds / 3_600) % 24],
    ["min", Math.floor(seconds / 60) % 60],
    ["s", seconds % 60],
  ] as const;
  const first = parts.findIndex(([, value]) => value > 0);
  return parts
    .slice(first, first + 2)
    .filter(([, value]) => value > 0)
    .map(([unit, value]) => `${value} ${unit}`)
    .join(" ");
}
