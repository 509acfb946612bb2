import type {
  Collection,
  Db,
  Document,
  IndexDirection,
  ObjectId,
} from "mongodb";

/** The state of one service as it is stored. */
export interface StateDocument extends Document {
  /** The service's name. */
  readonly _id: string;
  readonly instance_id: string;
  readonly interval_ms: number;
  readonly first_seen: Date;
  readonly last_seen: Date;
  readonly beats: number;
}

/** A beat of the history as it is stored. */
export interface BeatDocument extends Document {
  readonly _id: ObjectId;
  readonly service: string;
  readonly instance_id: string;
  readonly interval_ms: number;
  readonly time: Date;
}

/** The collections that hold heartbeats. */
export interface HeartbeatCollections {
  /** One document per service. */
  readonly states: Collection<StateDocument>;
  /** One document per beat. */
  readonly history: Collection<BeatDocument>;
}

/** An index that a collection of heartbeats needs. */
export interface HeartbeatIndex {
  readonly collection: string;
  readonly key: Readonly<Record<string, IndexDirection>>;
}

const statesName = "heartbeats";
const historyName = "heartbeat_history";

/**
 * The indexes of the history: a page of some services, and a page of all of
 * them, which pruning reads too. `_id` puts beats of one millisecond in an
 * order. The states need none besides their `_id`.
 */
export const heartbeatIndexes: readonly HeartbeatIndex[] = [
  { collection: historyName, key: { service: 1, time: -1, _id: -1 } },
  { collection: historyName, key: { time: -1, _id: -1 } },
];

/** The collections in a database. What is written there is on disk when it is acknowledged. */
export function heartbeatCollections(db: Db): HeartbeatCollections {
  const options = { writeConcern: { w: "majority", journal: true } } as const;
  return {
    states: db.collection<StateDocument>(statesName, options),
    history: db.collection<BeatDocument>(historyName, options),
  };
}

/** Declares {@link heartbeatIndexes}; those that are there already stay as they are. */
export async function ensureHeartbeatIndexes(db: Db): Promise<void> {
  // One command each: FerretDB 1.24 drops the connection when one command
  // names two indexes that exist.
  for (const { collection, key } of heartbeatIndexes) {
    await db.collection(collection).createIndex(key);
  }
}
