import { type Db, MongoClient } from "mongodb";
import { boundedBy } from "./bounded-by.js";
import { redactUri } from "./redact-uri.js";
import { type DatabaseStatus, watchDatabase } from "./watch-database.js";

/** How to connect to a database. */
export interface ConnectDatabaseOptions {
  /** Its MongoDB URI. */
  uri: string;
  /** What the database's logs call this client. By default, nothing. */
  appName?: string;
  /**
   * Called with the first finding, and whenever the database goes away or
   * comes back. What it throws is dropped. By default, not called.
   */
  onChange?: (status: DatabaseStatus) => void;
  /** Longest time of one operation on a connection. By default, 5000. */
  operationLimitMs?: number;
  /** Pause between two pings. By default, 1000. */
  pingIntervalMs?: number;
  /** Longest time of one ping. By default, 2000. */
  pingLimitMs?: number;
}

/** A connection to a database that may be away now and there later. */
export interface DatabaseConnection {
  /** The driver's client, which is connected again and again. */
  readonly client: MongoClient;
  /** A database by its name. */
  db(name: string): Db;
  /** What the last ping found, no older than some 3 s. */
  status(): DatabaseStatus;
  /** Ends the pings and closes the client, within some 2 s. Never fails. */
  close(): Promise<void>;
}

const reachLimitMs = 2000;
const closeLimitMs = 2000;

/** A check of the driver's monitor ends within `connectTimeoutMS`. */
const stuckMs = reachLimitMs + 1500;

/**
 * Connects to a database without waiting for it: one that is away at the start,
 * goes away later or hangs makes calls fail in bounded time (see
 * `isDatabaseUnavailable`), never the process. A ping in the background keeps
 * the status true.
 *
 * A call waits 2 s for a database that is away, then fails. A database that
 * hangs is noticed within some 3 s, which ends the calls that wait for it; a
 * single call takes no longer than its limit. Writes are acknowledged when they
 * are stored: `{ w: "majority", j: true }`.
 *
 * Throws only for a URI that cannot be understood.
 */
export function connectDatabase(
  options: ConnectDatabaseOptions,
): DatabaseConnection {
  const { pingIntervalMs = 1000, pingLimitMs = 2000, onChange } = options;
  const client = createClient(options);
  const monitor = followMonitor(client);
  let connecting: Promise<unknown> = Promise.resolve();
  const watch = watchDatabase({
    ping: async () => {
      if (monitor.isStuck()) {
        monitor.forget();
        await boundedBy(closeLimitMs, client.close()).catch(() => {});
      }
      // Operations connect by themselves only once: after a first attempt that
      // failed the driver answers "Topology is closed" until it is told to.
      connecting = client.connect();
      await connecting;
      await client.db("admin").command({ ping: 1 });
    },
    explain: monitor.failure,
    intervalMs: pingIntervalMs,
    limitMs: pingLimitMs,
    onChange,
  });
  return {
    client,
    db: (name) => client.db(name),
    status: watch.status,
    async close() {
      watch.end();
      // An attempt that is under way could open the client again.
      connecting.then(() => client.close()).catch(() => {});
      // Against a hung database the driver waits to end its sessions.
      await boundedBy(closeLimitMs, client.close()).catch(() => {});
    },
  };
}

/** The driver's monitor of a server, which decides whether it may be used. */
interface Monitor {
  /** What it last failed of, if it fails now. */
  failure(): string | undefined;
  /**
   * Whether a check of it has not ended long after its own limit. Driver 7.9
   * waits for ever when the connection of its monitor is lost just as a check
   * begins, and uses the server no more.
   */
  isStuck(): boolean;
  /** Forgets the check that has not ended. */
  forget(): void;
}

function followMonitor(client: MongoClient): Monitor {
  let failure: string | undefined;
  let checkingSince: number | undefined;
  client.on("serverHeartbeatStarted", () => {
    checkingSince = performance.now();
  });
  client.on("serverHeartbeatFailed", (event) => {
    failure = event.failure.message;
    checkingSince = undefined;
  });
  client.on("serverHeartbeatSucceeded", () => {
    failure = undefined;
    checkingSince = undefined;
  });
  return {
    failure: () => failure,
    isStuck: () =>
      checkingSince !== undefined &&
      performance.now() - checkingSince > stuckMs,
    forget() {
      checkingSince = undefined;
    },
  };
}

function createClient(options: ConnectDatabaseOptions): MongoClient {
  const { uri, appName, operationLimitMs = 5000 } = options;
  try {
    return new MongoClient(uri, {
      ...(appName !== undefined && { appName }),
      writeConcern: { w: "majority", journal: true },
      serverSelectionTimeoutMS: reachLimitMs,
      connectTimeoutMS: reachLimitMs,
      // Driver 7.9 ignores `timeoutMS`; this bounds each attempt instead.
      socketTimeoutMS: operationLimitMs,
      waitQueueTimeoutMS: operationLimitMs,
      // The driver's own monitor ends the calls in flight to a server that
      // hangs, long before their limit. Polling works alike on all servers.
      heartbeatFrequencyMS: 1000,
      serverMonitoringMode: "poll",
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `invalid MongoDB URI ${redactUri(uri)}: ${redactUri(reason)}`,
    );
  }
}
