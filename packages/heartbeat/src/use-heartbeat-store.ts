import type { TestContext } from "node:test";
import { connectDatabase } from "@both-ends/mongo";
import { type TestDatabase, useDatabase } from "@both-ends/mongo/test-database";
import type { Db } from "mongodb";
import {
  createHeartbeatStore,
  type HeartbeatStore,
  type HeartbeatStoreOptions,
} from "./heartbeat-store.js";

/** A clock that stands still until a test moves it. */
export interface TestClock {
  now(): Date;
  advance(ms: number): void;
}

/** A store on a database of the test's own. */
export interface TestHeartbeatStore {
  readonly database: TestDatabase;
  readonly db: Db;
  readonly store: HeartbeatStore;
  readonly clock: TestClock;
}

/** The time that clocks of tests begin with. */
export const testStart = new Date("2026-01-02T03:04:05.678Z");

/** Creates a clock that begins at {@link testStart}. */
export function createTestClock(): TestClock {
  let ms = testStart.getTime();
  return {
    now: () => new Date(ms),
    advance(by) {
      ms += by;
    },
  };
}

/** Starts a database with a store on it; both end after the test. */
export async function useHeartbeatStore(
  t: Pick<TestContext, "after">,
  options: Partial<HeartbeatStoreOptions> = {},
): Promise<TestHeartbeatStore> {
  const database = await useDatabase(t);
  const connection = connectDatabase({ uri: database.uri, appName: "test" });
  t.after(() => connection.close());
  const db = connection.db("edge");
  const clock = createTestClock();
  const store = createHeartbeatStore({ db, now: clock.now, ...options });
  return { database, db, store, clock };
}
