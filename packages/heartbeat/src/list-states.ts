import type {
  HeartbeatCollections,
  StateDocument,
} from "./heartbeat-documents.js";
import { type HeartbeatStateName, reckonState } from "./heartbeat-state.js";

/** The state of one service when it was read. */
export interface ServiceState {
  readonly serviceName: string;
  /** Who sent the last beat. */
  readonly instanceId: string;
  /** The time between two beats that the last beat promised. */
  readonly intervalMs: number;
  /** When the first beat arrived, by the server's clock. */
  readonly firstSeen: Date;
  /** When the last beat arrived, by the server's clock. */
  readonly lastSeen: Date;
  /** How many beats have arrived since the first. */
  readonly beats: number;
  readonly state: HeartbeatStateName;
}

/** Which services; what is empty or absent lets all through. */
export interface StateFilter {
  readonly serviceNames?: readonly string[] | undefined;
  readonly states?: readonly HeartbeatStateName[] | undefined;
}

/** Reads the states of services, sorted by name. */
export async function listStates(
  { states }: HeartbeatCollections,
  filter: StateFilter,
  now: () => Date,
): Promise<ServiceState[]> {
  const { serviceNames = [], states: wanted = [] } = filter;
  const documents = await states
    .find(serviceNames.length > 0 ? { _id: { $in: [...serviceNames] } } : {})
    .sort({ _id: 1 })
    .toArray();
  const readAt = now();
  return documents
    .map((document) => toServiceState(document, readAt))
    .filter(({ state }) => wanted.length === 0 || wanted.includes(state));
}

function toServiceState(document: StateDocument, now: Date): ServiceState {
  const beat = {
    intervalMs: document.interval_ms,
    lastSeen: document.last_seen,
  };
  return {
    serviceName: document._id,
    instanceId: document.instance_id,
    ...beat,
    firstSeen: document.first_seen,
    beats: document.beats,
    state: reckonState(beat, now),
  };
}
