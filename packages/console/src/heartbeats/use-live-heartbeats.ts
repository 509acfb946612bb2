import type { ServiceHeartbeat } from "@both-ends/gen/heartbeat/v1/heartbeat_pb.js";
import type { WatchHeartbeatsResponse } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { useEffect, useState } from "react";
import type { StreamState } from "../live/follow-stream.js";
import { useLiveStream } from "../live/use-live-stream.js";
import { heartbeatClient } from "./heartbeat-client.js";

/** How far back timelines show, in milliseconds. */
export const timelineMs = 10 * 60_000;

/** The newest beats that a timeline keeps. */
const keptBeats = 600;

/** Heartbeats as they are now. */
export interface LiveHeartbeats {
  /** Sorted by name; `undefined` until the first message. */
  readonly services: readonly ServiceHeartbeat[] | undefined;
  /** When beats arrived lately, in milliseconds since 1970, by service. */
  readonly beats: ReadonlyMap<string, readonly number[]>;
  readonly state: StreamState;
}

/** Watches the heartbeats of all services while the page is seen. */
export function useLiveHeartbeats(): LiveHeartbeats {
  const [byName, setByName] = useState<ReadonlyMap<string, ServiceHeartbeat>>();
  const [beats, setBeats] = useState<LiveHeartbeats["beats"]>(new Map());
  const addBeats = (added: readonly (readonly [string, number])[]) =>
    setBeats((before) => mergeBeats(before, added));
  // biome-ignore lint/correctness/useExhaustiveDependencies: read once
  useEffect(() => {
    const left = new AbortController();
    // A timeline without its past is no failure to speak of.
    readRecent(left.signal).then(addBeats, () => undefined);
    return () => left.abort();
  }, []);
  const state = useLiveStream({
    key: "all",
    open: (signal) =>
      heartbeatClient.watchHeartbeats({}, { signal, timeoutMs: 0 }),
    onMessage(message) {
      setByName((before) => mergeServices(before, message));
      addBeats(
        message.services
          .filter(({ lastSeen }) => lastSeen !== undefined)
          .map(({ serviceName, lastSeen }) => [
            serviceName,
            lastSeen ? timestampMs(lastSeen) : 0,
          ]),
      );
    },
  });
  const services =
    byName &&
    [...byName.values()].sort((a, b) =>
      a.serviceName.localeCompare(b.serviceName),
    );
  return { services, beats, state };
}

function mergeServices(
  before: ReadonlyMap<string, ServiceHeartbeat> | undefined,
  { services, forgotten }: WatchHeartbeatsResponse,
) {
  const after = new Map(before);
  for (const service of services) {
    after.set(service.serviceName, service);
  }
  for (const name of forgotten) {
    after.delete(name);
  }
  return after;
}

function mergeBeats(
  before: ReadonlyMap<string, readonly number[]>,
  added: readonly (readonly [string, number])[],
) {
  const after = new Map(before);
  const oldest = Date.now() - timelineMs;
  for (const [name, time] of added) {
    const times = new Set([...(after.get(name) ?? []), time]);
    after.set(
      name,
      [...times]
        .filter((at) => at > oldest)
        .sort((a, b) => a - b)
        .slice(-keptBeats),
    );
  }
  return after;
}

async function readRecent(signal: AbortSignal) {
  const { beats } = await heartbeatClient.listHeartbeats(
    { from: timestampFromMs(Date.now() - timelineMs), pageSize: 1000 },
    { signal },
  );
  return beats.map(
    ({ serviceName, time }) =>
      [serviceName, time === undefined ? 0 : timestampMs(time)] as const,
  );
}
