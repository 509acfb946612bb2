import type { Db } from "mongodb";
import { type ForgetResult, forgetService } from "./forget-service.js";
import {
  ensureHeartbeatIndexes,
  heartbeatCollections,
} from "./heartbeat-documents.js";
import {
  type BeatPage,
  type ListBeatsOptions,
  type ListBeatTimesOptions,
  listBeats,
  listBeatTimes,
} from "./list-beats.js";
import {
  listStates,
  type ServiceState,
  type StateFilter,
} from "./list-states.js";
import {
  type PruneOptions,
  type PruneResult,
  pruneBeats,
} from "./prune-beats.js";
import { reachDatabase } from "./reach-database.js";
import { createRecordBeat, type IncomingBeat } from "./record-beat.js";

/** Where and how heartbeats are kept. */
export interface HeartbeatStoreOptions {
  /** The database that holds them. */
  readonly db: Db;
  /** The server's clock. By default, the system's. */
  readonly now?: () => Date;
  /** How long a call waits for the database. By default, 5000. */
  readonly timeoutMs?: number;
  /**
   * How many services may beat. It bounds what anyone who can send a beat can
   * make others hold: memory, messages, metric series. First beats of the
   * same moment may go a few beyond it. By default, 1000.
   */
  readonly maxServices?: number;
}

/** How long to wait for an answer. */
export interface StoreCallOptions {
  /** Gives up when it aborts, with its reason. By default, there is none. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for the database. By default, as the store says. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Keeps beats in a database. Each call ends in bounded time; when the database
 * is away or hangs, with a HeartbeatStoreUnavailableError.
 */
export interface HeartbeatStore {
  /**
   * Stores a beat, and resolves with its time when it is on disk. A service
   * beyond the greatest number of services gives a TooManyServicesError.
   */
  recordBeat(
    beat: IncomingBeat,
    options?: StoreCallOptions,
  ): Promise<{ time: Date }>;
  /** The states now, sorted by name. By default, of all services. */
  listStates(
    filter?: StateFilter,
    options?: StoreCallOptions,
  ): Promise<ServiceState[]>;
  /** A page of the history. A bad page token gives an InvalidPageTokenError. */
  listBeats(
    beats?: ListBeatsOptions,
    options?: StoreCallOptions,
  ): Promise<BeatPage>;
  /** When beats of the history arrived, newest first. */
  listBeatTimes(
    beats: ListBeatTimesOptions,
    options?: StoreCallOptions,
  ): Promise<Date[]>;
  /** Removes the state of a service that has been silent for an hour. */
  forget(
    serviceName: string,
    options?: StoreCallOptions,
  ): Promise<ForgetResult>;
  /** Removes old beats from the history. By default, it may take 60 s. */
  prune(keep?: PruneOptions, options?: StoreCallOptions): Promise<PruneResult>;
  /** Declares the indexes where they are missing. By default, it may take 60 s. */
  ensureIndexes(options?: StoreCallOptions): Promise<void>;
}

// Done seldom and by no caller who waits; the database may have much to do.
const upkeepTimeoutMs = 60_000;

/** Creates a store of heartbeats. Nothing is read or written until it is called. */
export function createHeartbeatStore(
  options: HeartbeatStoreOptions,
): HeartbeatStore {
  const { db, now = () => new Date() } = options;
  const { timeoutMs = 5_000, maxServices = 1_000 } = options;
  const collections = heartbeatCollections(db);
  const recordBeat = createRecordBeat(collections, { now, maxServices });

  const within =
    (limitMs: number) =>
    <T>(work: () => Promise<T>, call: StoreCallOptions = {}) =>
      reachDatabase(work, {
        signal: call.signal,
        timeoutMs: call.timeoutMs ?? limitMs,
      });
  const answer = within(timeoutMs);
  const upkeep = within(upkeepTimeoutMs);

  return {
    recordBeat: (beat, call) => answer(() => recordBeat(beat), call),
    listStates: (filter = {}, call) =>
      answer(() => listStates(collections, filter, now), call),
    listBeats: (beats = {}, call) =>
      answer(() => listBeats(collections, beats), call),
    listBeatTimes: (beats, call) =>
      answer(() => listBeatTimes(collections, beats), call),
    forget: (serviceName, call) =>
      answer(() => forgetService(collections, serviceName, now), call),
    prune: (keep = {}, call) =>
      upkeep(() => pruneBeats(collections, keep, now), call),
    ensureIndexes: (call) => upkeep(() => ensureHeartbeatIndexes(db), call),
  };
}
