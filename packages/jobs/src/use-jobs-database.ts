import { connectDatabase } from "@both-ends/mongo";
import { type TestDatabase, useDatabase } from "@both-ends/mongo/test-database";
import type { Db } from "mongodb";

/** A database of a test, and a connection to it. */
export interface JobsDatabase extends TestDatabase {
  /** The database that worker processes of tests use. */
  readonly db: Db;
  /** Does something at the end of the test, while the database is there. */
  after(release: () => Promise<unknown>): void;
}

/** Starts a database and connects to it; both end after the test. */
export async function useJobsDatabase(t: {
  after(fn: () => Promise<void>): void;
}): Promise<JobsDatabase> {
  // node:test releases what was made first before what was made with it.
  const releases: (() => Promise<unknown>)[] = [];
  t.after(async () => {
    for (const release of releases.toReversed()) {
      await release();
    }
  });
  const database = await useDatabase({
    after: (fn) => {
      // It is one that does not take the test's context.
      releases.push(fn as () => Promise<void>);
    },
  });
  const connection = connectDatabase({ uri: database.uri, appName: "test" });
  releases.push(() => connection.close());
  return {
    ...database,
    db: connection.db("jobs"),
    after: (release) => releases.push(release),
  };
}
