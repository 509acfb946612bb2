import { setTimeout as delay } from "node:timers/promises";
import { MongoClient } from "mongodb";
import { type RealSystem, urlOf } from "../real-system.js";
import { startBeats } from "./beat-load.js";

/** A database that was killed under beats. */
export interface KilledDatabase {
  readonly acknowledged: number;
  readonly failed: number;
  /** Acknowledged beats that are not in the history. */
  readonly missing: number;
  /**
   * From the moment at which the database answered again to the next beat;
   * undefined if none came in time.
   */
  readonly recoveryMs: number | undefined;
  /** What the last failure was. */
  readonly lastFailure: string;
}

/** How long beats go on before the kill, while it is away, and after. */
const loadMs = 800;
const awayMs = 300;
const afterMs = 300;
const recoveryLimitMs = 30_000;

/**
 * Kills the database by SIGKILL while beats come in, starts it again on the
 * same data, and looks for every acknowledged beat in the history.
 */
export async function killDatabaseUnderBeats(
  system: RealSystem,
): Promise<KilledDatabase> {
  const beats = startBeats(urlOf(system.server("edge")));
  let recoveryMs: number | undefined;
  try {
    await delay(loadMs);
    await system.database.kill();
    await delay(awayMs);
    await system.database.restart();
    const start = performance.now();
    const end = start + recoveryLimitMs;
    while (recoveryMs === undefined && performance.now() < end) {
      await delay(5);
      const at = beats.lastAcknowledgedAt();
      recoveryMs = at > start ? at - start : undefined;
    }
    await delay(afterMs);
  } finally {
    await beats.stop();
  }
  const stored = await readStoredIds(system.database.uri);
  const missing = beats.acknowledged.filter((id) => !stored.has(id));
  return {
    acknowledged: beats.acknowledged.length,
    failed: beats.failed,
    missing: missing.length,
    recoveryMs,
    lastFailure: beats.lastFailure,
  };
}

/** Reads the history past the service, straight from its database. */
async function readStoredIds(uri: string): Promise<Set<string>> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5_000 });
  try {
    const beats = client
      .db("edge")
      .collection<{ instance_id: string }>("heartbeat_history")
      .find({}, { projection: { instance_id: 1 } });
    const ids = new Set<string>();
    for await (const { instance_id } of beats) {
      ids.add(instance_id);
    }
    return ids;
  } finally {
    await client.close();
  }
}
