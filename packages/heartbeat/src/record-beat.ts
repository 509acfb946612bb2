import { MongoServerError, ObjectId } from "mongodb";
import type { HeartbeatCollections } from "./heartbeat-documents.js";
import { TooManyServicesError } from "./heartbeat-store-error.js";

/** The time between two beats if a beat does not say: 10 s, in milliseconds. */
export const defaultBeatIntervalMs = 10_000;

/** A beat as it arrives. */
export interface IncomingBeat {
  /** The service that is alive. */
  readonly serviceName: string;
  /** Who sends the beat. */
  readonly instanceId: string;
  /** When to expect the next beat. By default, 10 s. */
  readonly intervalMs?: number | undefined;
}

/** What recording beats needs. */
export interface RecordBeatOptions {
  readonly now: () => Date;
  readonly maxServices: number;
}

/**
 * Creates the function that stores a beat. It resolves with the beat's time
 * when both the history and the state are on disk.
 */
export function createRecordBeat(
  { states, history }: HeartbeatCollections,
  { now, maxServices }: RecordBeatOptions,
): (beat: IncomingBeat) => Promise<{ time: Date }> {
  // Saves the check for all beats but the first that this process sees.
  const admitted = new Set<string>();

  async function admit(serviceName: string): Promise<void> {
    if (admitted.has(serviceName)) {
      return;
    }
    const known = await states.findOne({ _id: serviceName });
    if (known === null && (await states.countDocuments()) >= maxServices) {
      throw new TooManyServicesError(
        `service ${JSON.stringify(serviceName)} is not recorded: there are ${maxServices} services already`,
      );
    }
    if (admitted.size >= maxServices) {
      admitted.clear();
    }
    admitted.add(serviceName);
  }

  return async (beat) => {
    const { serviceName, instanceId } = beat;
    const intervalMs = beat.intervalMs ?? defaultBeatIntervalMs;
    await admit(serviceName);
    const time = now();
    // The history first: a crash between the two leaves a beat in the history
    // that nobody was told is stored. The other way round, the state would tell
    // watchers of a beat that the history does not know, and a caller who tries
    // again would be counted twice.
    await history.insertOne({
      _id: new ObjectId(),
      service: serviceName,
      instance_id: instanceId,
      interval_ms: intervalMs,
      time,
    });
    const update = {
      $set: { instance_id: instanceId, interval_ms: intervalMs },
      // Servers whose clocks differ, or one that is overtaken, must not make a
      // service look older than it was.
      $max: { last_seen: time },
      $setOnInsert: { first_seen: time },
      $inc: { beats: 1 },
    };
    const upsert = () =>
      states.updateOne({ _id: serviceName }, update, { upsert: true });
    // MongoDB lets two upserts of one missing `_id` collide: the other one made
    // the document, and this one now finds it.
    await upsert().catch((error: unknown) => {
      if (!isDuplicateKey(error)) {
        throw error;
      }
      return upsert();
    });
    return { time };
  };
}

function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === 11_000;
}
