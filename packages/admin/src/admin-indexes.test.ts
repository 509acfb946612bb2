import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createHeartbeatStore, heartbeatIndexes } from "@both-ends/heartbeat";
import {
  ensureIndexes,
  jobIndexes,
  listRuns,
  pruneRuns,
} from "@both-ends/jobs";
import { connectDatabase } from "@both-ends/mongo";
import { needsDatabase, useDatabase } from "@both-ends/mongo/test-database";
import { type CommandStartedEvent, MongoClient, ObjectId } from "mongodb";
import {
  adminCollections,
  adminIndexes,
  ensureAdminIndexes,
} from "./admin-documents.js";
import { createAuditLog } from "./audit-log.js";
import { silentLogger } from "./logger.js";
import { pruneAdmin } from "./prune-admin-job.js";
import { createSessionStore } from "./session-store.js";
import { createTokenStore } from "./token-store.js";
import { createUserStore } from "./user-store.js";

/** A query as it was sent. */
interface SentQuery {
  readonly collection: string;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly sort: Readonly<Record<string, number>>;
}

const indexes = [
  ...jobIndexes.map(({ collection, key }) => ({ collection, key })),
  ...adminIndexes.map(({ collection, key }) => ({ collection, key })),
  ...heartbeatIndexes,
];

/** Fields of a filter that are compared for equality, and all that are used. */
function fieldsOf(filter: Readonly<Record<string, unknown>>): {
  equal: Set<string>;
  ranged: Set<string>;
} {
  const equal = new Set<string>();
  const ranged = new Set<string>();
  for (const [name, value] of Object.entries(filter)) {
    if (name === "$and" && Array.isArray(value)) {
      for (const part of value) {
        const inner = fieldsOf(part);
        for (const field of inner.equal) {
          equal.add(field);
        }
        for (const field of inner.ranged) {
          ranged.add(field);
        }
      }
    } else if (!name.startsWith("$")) {
      const operators =
        typeof value === "object" &&
        value !== null &&
        Object.keys(value).some((key) => key.startsWith("$"));
      (operators ? ranged : equal).add(name);
    }
  }
  return { equal, ranged };
}

/**
 * Whether an index serves a query: it begins with a field that is compared for
 * equality, or none; goes on with the sort, or with a field that is bounded; so
 * that it gives the rows in order, and no more of them than are asked for.
 */
function isServed({ collection, filter, sort }: SentQuery): boolean {
  const { $or: branches } = filter;
  if (Array.isArray(branches) && Object.keys(filter).length === 1) {
    return branches.every((branch) =>
      isServed({ collection, filter: branch, sort }),
    );
  }
  const { equal, ranged } = fieldsOf(filter);
  if (equal.has("_id") || ranged.has("_id")) {
    return true;
  }
  const wanted = Object.keys(sort);
  return indexes.some((index) => {
    const keys = Object.keys(index.key);
    let place = 0;
    while (equal.has(keys[place] ?? "")) {
      place += 1;
    }
    const rest = keys.slice(place);
    const sorted = wanted.every((field, at) => rest[at] === field);
    const bounded = place > 0 || ranged.has(rest[0] ?? "");
    return (
      index.collection === collection &&
      (wanted.length > 0 ? sorted && (place > 0 || equal.size === 0) : bounded)
    );
  });
}

suite("every query", { ...needsDatabase(), timeout: 60_000 }, () => {
  test("is served by an index that is declared", async (t) => {
    const { uri } = await useDatabase(t);
    const connection = connectDatabase({ uri, appName: "test" });
    t.after(() => connection.close());
    await ensureAdminIndexes(connection.db("console"));
    await ensureIndexes(connection.db("jobs"));
    const client = new MongoClient(uri, { monitorCommands: true });
    t.after(() => client.close());
    const sent: SentQuery[] = [];
    client.on("commandStarted", (event) => sent.push(...queriesOf(event)));
    await useAll(client);
    // Small, read whole: who may log in, and the states of services.
    const small = ["users", "heartbeats"];
    const whole = sent.filter(
      ({ collection, filter }) =>
        !(small.includes(collection) && Object.keys(filter).length === 0),
    );
    assert.ok(whole.length > 50, `only ${whole.length} queries`);
    assert.deepEqual(
      whole.filter((query) => !isServed(query)).map((q) => JSON.stringify(q)),
      [],
    );
  });

  test("finds its indexes in the database", async (t) => {
    const { uri } = await useDatabase(t);
    const connection = connectDatabase({ uri, appName: "test" });
    t.after(() => connection.close());
    const db = connection.db("console");
    await ensureAdminIndexes(db);
    await ensureAdminIndexes(db);
    const names = new Set(adminIndexes.map(({ collection }) => collection));
    for (const name of names) {
      const found = await db.collection(name).indexes();
      const declared = adminIndexes.filter(
        (index) => index.collection === name,
      );
      for (const { key } of declared) {
        assert.ok(
          found.some((index) => same(index.key, key)),
          `${name} ${JSON.stringify(key)}`,
        );
      }
    }
  });
});

function same(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Does everything that reads or removes what can grow. */
async function useAll(client: MongoClient): Promise<void> {
  const now = () => new Date();
  const db = client.db("console");
  const collections = adminCollections(db);
  const sessions = createSessionStore(collections, { now });
  const { secret } = await sessions.begin("ann");
  await sessions.find(secret);
  await sessions.endAll("ann", "x");
  await sessions.endAll("ann");
  const tokens = createTokenStore(collections, { now });
  const made = await tokens.create({
    username: "ann",
    name: "x",
    role: "viewer",
    expiresAt: new Date(Date.now() + 1_000),
  });
  await tokens.find(made.secret);
  await tokens.count("ann");
  const before = { createdAt: new Date(), digest: "x" };
  for (const username of ["", "ann"]) {
    await tokens.list({ username, limit: 10 });
    await tokens.list({ username, limit: 10, before });
  }
  await tokens.revoke(made.token.public_id);
  await tokens.revokeAll("ann");
  const users = createUserStore(collections, { now });
  await users.find("ann");
  await users.list({ search: "", after: "", limit: 10 });
  await users.list({ search: "a", after: "ann", limit: 10 });
  await users.countOperators();
  await useAudit(client);
  await pruneAdmin(db, { auditMaxCount: 0 });
  await useRuns(client);
  await useBeats(client);
}

async function useAudit(client: MongoClient): Promise<void> {
  const collections = adminCollections(client.db("console"));
  const audit = createAuditLog(collections, {
    service: "test",
    now: () => new Date(),
    logger: silentLogger,
  });
  const id = new ObjectId();
  await collections.audit.insertOne({
    _id: id,
    at: new Date(),
    user: "ann",
    service: "edge",
    method: "x",
    target: "x",
    details: JSON.stringify({ address: "", outcome: "done" }),
  });
  const fields = ["user", "service", "method", "target"] as const;
  const time = new Date();
  for (let chosen = 0; chosen < 16; chosen += 1) {
    const filter = Object.fromEntries(
      fields.filter((_, bit) => chosen & (1 << bit)).map((name) => [name, "x"]),
    );
    await audit.list({ ...filter, limit: 10 });
    const before = { at: time, id };
    await audit.list({ ...filter, from: time, to: time, before, limit: 10 });
  }
}

async function useRuns(client: MongoClient): Promise<void> {
  const db = client.db("jobs");
  const time = new Date();
  for (const job of [undefined, "tick"]) {
    for (const outcome of [
      undefined,
      "running",
      "success",
      "failure",
      "lost",
    ] as const) {
      await listRuns(db, { job, outcome });
      const before = `${time.toISOString()} x`;
      await listRuns(db, { job, outcome, from: time, to: time, before });
    }
  }
  await pruneRuns(db);
}

async function useBeats(client: MongoClient): Promise<void> {
  const store = createHeartbeatStore({ db: client.db("edge") });
  await store.recordBeat({ serviceName: "edge", instanceId: "x" });
  await store.recordBeat({ serviceName: "edge", instanceId: "x" });
  await store.listStates();
  const time = new Date();
  for (const serviceNames of [[], ["edge", "time"]]) {
    const page = { serviceNames, pageSize: 1 };
    const { nextPageToken: pageToken } = await store.listBeats(page);
    assert.notEqual(pageToken, "");
    await store.listBeats({ ...page, from: time, to: time, pageToken });
    await store.listBeatTimes({ serviceNames, limit: 10 });
    await store.listBeatTimes({ serviceNames, from: time, limit: 10 });
  }
  await store.prune({ maxCount: 1 });
}

function queriesOf({ commandName, command }: CommandStartedEvent): SentQuery[] {
  const { find, filter, sort, aggregate, pipeline } = command;
  switch (commandName) {
    case "find":
      return [
        {
          collection: find,
          filter: filter ?? {},
          sort: Object.fromEntries(sort ?? []),
        },
      ];
    case "aggregate":
      return [
        { collection: aggregate, filter: pipeline[0]?.$match ?? {}, sort: {} },
      ];
    case "update":
    case "delete": {
      const { updates = [], deletes = [] } = command;
      return [...updates, ...deletes].map(
        (one: { q: SentQuery["filter"] }) => ({
          collection: command[commandName],
          filter: one.q,
          sort: {},
        }),
      );
    }
    default:
      return [];
  }
}
