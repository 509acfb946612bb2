import { createHash } from "node:crypto";
import { connectDatabase } from "@both-ends/mongo";
import { type TestDatabase, useDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import type {
  DescMethod,
  DescMethodStreaming,
  DescMethodUnary,
  DescService,
} from "@bufbuild/protobuf";
import {
  type CallOptions,
  type Client,
  type Code,
  ConnectError,
  createClient,
  createRouterTransport,
  type Transport,
} from "@connectrpc/connect";
import { createValidateInterceptor } from "@connectrpc/validate";
import type { Db } from "mongodb";
import { Registry } from "prom-client";
import {
  type AdminCollections,
  adminCollections,
  type RoleName,
} from "./admin-documents.js";
import { type AdminOptions, createAdmin } from "./create-admin.js";
import { hashPassword } from "./password.js";

/** What a call needs to come from somebody. */
export type Credentials = Readonly<Record<string, string>>;

/** `admin.v1` of a test, on a database of its own. */
export interface TestAdmin {
  readonly database: TestDatabase;
  /** What the consoles share. */
  readonly db: Db;
  readonly collections: AdminCollections;
  /** Where jobs are. */
  readonly jobs: Db;
  readonly transport: Transport;
  readonly clock: { now(): Date; advance(ms: number): void };
  /** A client that shows these credentials with each call. */
  client<Service extends DescService>(
    service: Service,
    credentials?: Credentials,
  ): Client<Service>;
  /** A session of a new user, as the headers of a page. */
  sessionOf(role: RoleName, username?: string): Promise<Credentials>;
  /** A token of a new user. */
  tokenOf(role: RoleName, username?: string): Promise<Credentials>;
  /** Begins what goes on in the background. */
  start(): void;
  /** Does something at the end of the test, while the database is there. */
  after(release: () => unknown): void;
}

/** The origin of the pages that a test's calls come from. */
export const testOrigin = "https://in-memory";

/** A cost at which a hash takes no time. */
export const testCost = { ln: 4, r: 8, p: 1 };

/** Mounts `admin.v1` in memory; it and its database end after the test. */
export async function useAdmin(
  t: { after(fn: () => Promise<void>): void },
  options: Partial<AdminOptions> = {},
): Promise<TestAdmin> {
  // node:test releases what was made first before what was made with it.
  const releases: (() => unknown)[] = [];
  const after = (release: () => unknown) => releases.push(release);
  t.after(async () => {
    for (const release of releases.toReversed()) {
      await release();
    }
  });
  const database = await useDatabase({
    // It is one that does not take the test's context.
    after: (fn) => after(fn as () => Promise<void>),
  });
  const connection = connectDatabase({ uri: database.uri, appName: "test" });
  after(() => connection.close());
  await waitFor("the connection", () => connection.status().up);
  const db = connection.db("console");
  const jobs = connection.db("jobs");
  const clock = createClock();
  const admin = createAdmin({
    service: "test",
    db,
    jobs,
    registry: new Registry(),
    passwordCost: testCost,
    now: clock.now,
    ...options,
  });
  after(() => admin.close());
  const transport = createRouterTransport(admin.routes, {
    router: { interceptors: [admin.interceptor, createValidateInterceptor()] },
  });
  const collections = adminCollections(db);

  async function addUser(username: string, role: RoleName): Promise<void> {
    const at = clock.now();
    await collections.users.updateOne(
      { _id: username },
      {
        $set: { role },
        $setOnInsert: {
          password: await hashPassword("correct horse", testCost),
          password_changed_at: at,
          created_at: at,
        },
      },
      { upsert: true },
    );
  }

  return {
    database,
    db,
    collections,
    jobs,
    transport,
    clock,
    start: admin.start,
    after,
    client: (service, credentials = {}) =>
      createClient(service, withHeaders(transport, credentials)),
    async sessionOf(role, username = role) {
      await addUser(username, role);
      const secret = `secret-of-a-session-of-${username}`;
      const at = clock.now();
      await collections.sessions.insertOne({
        _id: digest(secret),
        user: username,
        created_at: at,
        seen_at: at,
        expires_at: new Date(at.getTime() + 7 * 24 * 3_600_000),
      });
      return { cookie: `__Host-session=${secret}`, origin: testOrigin };
    },
    async tokenOf(role, username = role) {
      await addUser(username, role);
      const secret = `secret-of-a-token-of-${username}`;
      const at = clock.now();
      await collections.tokens.insertOne({
        _id: digest(secret),
        public_id: `token-of-${username}`,
        name: "test",
        user: username,
        role,
        created_at: at,
        expires_at: new Date(at.getTime() + 24 * 3_600_000),
      });
      return { authorization: `Bearer ${secret}` };
    },
  };
}

/**
 * Calls any method with an empty message, and gives the code of the answer;
 * undefined for one without an error. Of a stream the first message counts.
 */
export async function callEmpty(
  transport: Transport,
  method: DescMethod,
  credentials: Credentials = {},
): Promise<Code | undefined> {
  const end = new AbortController();
  const { signal } = end;
  try {
    if (method.methodKind === "unary") {
      // The kind is not one that TypeScript tells them apart by.
      const unary = method as DescMethodUnary;
      await transport.unary(unary, signal, 10_000, credentials, {});
      return undefined;
    }
    const input = (async function* () {
      yield {};
    })();
    const { message } = await transport.stream(
      // As above.
      method as DescMethodStreaming,
      signal,
      10_000,
      credentials,
      input,
    );
    await message[Symbol.asyncIterator]().next();
    return undefined;
  } catch (error) {
    return ConnectError.from(error).code;
  } finally {
    end.abort();
  }
}

function withHeaders(transport: Transport, headers: Credentials): Transport {
  const merge = (given: Parameters<Transport["unary"]>[3]) =>
    new Headers([...new Headers(given), ...Object.entries(headers)]);
  return {
    unary: (method, signal, timeoutMs, header, ...rest) =>
      transport.unary(method, signal, timeoutMs, merge(header), ...rest),
    stream: (method, signal, timeoutMs, header, ...rest) =>
      transport.stream(method, signal, timeoutMs, merge(header), ...rest),
  };
}

function createClock() {
  let ms = Date.now();
  return {
    now: () => new Date(ms),
    advance(by: number) {
      ms += by;
    },
  };
}

function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** Catches the headers of an answer. */
export function catchHeaders(): { options: CallOptions; headers(): Headers } {
  let caught = new Headers();
  return {
    options: {
      onHeader(headers) {
        caught = headers;
      },
    },
    headers: () => caught,
  };
}

/** The code that a call is refused with; undefined if it is not. */
export async function codeOf(
  call: Promise<unknown>,
): Promise<Code | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return ConnectError.from(error).code;
  }
}
