import {
  type BeatSchema,
  HeartbeatState,
  type ServiceHeartbeatSchema,
} from "@both-ends/gen/heartbeat/v1/heartbeat_pb.js";
import type { HeartbeatFilter } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  durationFromMs,
  type Timestamp,
  timestampFromDate,
} from "@bufbuild/protobuf/wkt";
import type { HeartbeatStateName } from "./heartbeat-state.js";
import type { RecordedBeat } from "./list-beats.js";
import type { ServiceState, StateFilter } from "./list-states.js";

const stateNumbers = {
  alive: HeartbeatState.ALIVE,
  late: HeartbeatState.LATE,
  down: HeartbeatState.DOWN,
} as const satisfies Record<HeartbeatStateName, HeartbeatState>;

const stateNames: Readonly<
  Partial<Record<HeartbeatState, HeartbeatStateName>>
> = {
  [HeartbeatState.ALIVE]: "alive",
  [HeartbeatState.LATE]: "late",
  [HeartbeatState.DOWN]: "down",
};

/** The message of a service's state. */
export function toServiceHeartbeat(
  service: ServiceState,
): MessageInitShape<typeof ServiceHeartbeatSchema> {
  return {
    serviceName: service.serviceName,
    instanceId: service.instanceId,
    interval: durationFromMs(service.intervalMs),
    firstSeen: timestampFromDate(service.firstSeen),
    lastSeen: timestampFromDate(service.lastSeen),
    state: stateNumbers[service.state],
    beats: BigInt(service.beats),
  };
}

/** The message of a beat of the history. */
export function toBeat(
  beat: RecordedBeat,
): MessageInitShape<typeof BeatSchema> {
  return {
    serviceName: beat.serviceName,
    instanceId: beat.instanceId,
    interval: durationFromMs(beat.intervalMs),
    time: timestampFromDate(beat.time),
  };
}

/** The filter of a message; an absent one lets everything through. */
export function fromHeartbeatFilter(
  filter: HeartbeatFilter | undefined,
): StateFilter {
  return {
    serviceNames: filter?.serviceNames,
    states: filter?.states.flatMap((state) => stateNames[state] ?? []),
  };
}

/** 9999-12-31T23:59:59.999Z, the last moment of a Timestamp. */
const lastMoment = 253_402_300_799_999;

/**
 * The first millisecond at or after a Timestamp, so that a bound between two
 * milliseconds cuts the beats, which have whole ones, at the right place.
 * Moments out of a Timestamp's range are brought to its ends.
 */
export function fromTimestamp(
  timestamp: Timestamp | undefined,
): Date | undefined {
  if (timestamp === undefined) {
    return undefined;
  }
  const ms =
    Number(timestamp.seconds) * 1000 + Math.ceil(timestamp.nanos / 1e6);
  return new Date(Math.min(Math.max(ms, 0), lastMoment));
}
