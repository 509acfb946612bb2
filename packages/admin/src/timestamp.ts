import { create } from "@bufbuild/protobuf";
import {
  type Duration,
  DurationSchema,
  type Timestamp,
  timestampDate,
  timestampFromDate,
} from "@bufbuild/protobuf/wkt";

/** Turns a moment into a message; undefined stays so. */
export function toTimestamp(date: Date | undefined): Timestamp | undefined {
  return date === undefined ? undefined : timestampFromDate(date);
}

/** Turns a message into a moment; undefined stays so. */
export function fromTimestamp(
  timestamp: Timestamp | undefined,
): Date | undefined {
  return timestamp === undefined ? undefined : timestampDate(timestamp);
}

/** Turns milliseconds into a message. */
export function toDuration(ms: number): Duration {
  const seconds = Math.trunc(ms / 1_000);
  return create(DurationSchema, {
    seconds: BigInt(seconds),
    nanos: Math.round((ms - seconds * 1_000) * 1e6),
  });
}

/** Turns a message into milliseconds; undefined is the default given. */
export function fromDuration(
  duration: Duration | undefined,
  defaultMs: number,
): number {
  return duration === undefined
    ? defaultMs
    : Number(duration.seconds) * 1_000 + duration.nanos / 1e6;
}
