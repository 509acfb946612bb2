import type {
  Collection,
  Db,
  Document,
  IndexDirection,
  ObjectId,
} from "mongodb";

/** What a person or a token may do. */
export type RoleName = "viewer" | "operator";

/** A person who may log in, as stored. */
export interface UserDocument extends Document {
  /** The name, in lower case. */
  readonly _id: string;
  readonly role: RoleName;
  /** A hash with its parameters, see `hashPassword`. */
  readonly password: string;
  readonly password_changed_at: Date;
  readonly created_at: Date;
  readonly last_login_at?: Date;
}

/** A session, as stored: whoever reads the database cannot take it over. */
export interface SessionDocument extends Document {
  /** The digest of its secret. */
  readonly _id: string;
  readonly user: string;
  readonly created_at: Date;
  /** When it was last used, to the minute. */
  readonly seen_at: Date;
  /** When it ends, whatever happens. */
  readonly expires_at: Date;
}

/** An API token, as stored. */
export interface TokenDocument extends Document {
  /** The digest of its secret. */
  readonly _id: string;
  /** Names it for people; no secret. */
  readonly public_id: string;
  readonly name: string;
  readonly user: string;
  readonly role: RoleName;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly used_at?: Date;
}

/**
 * A change, as stored: what is searched by, and the rest in one text. The
 * embedded database reads all of them for each page, and takes by the field.
 */
export interface AuditDocument extends Document {
  readonly _id: ObjectId;
  readonly at: Date;
  readonly user: string;
  readonly service: string;
  readonly method: string;
  readonly target: string;
  /** {@link AuditDetails} in JSON. */
  readonly details: string;
}

/** What is not searched by. */
export interface AuditDetails {
  readonly token_id?: string;
  readonly address: string;
  readonly request_id?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  /** `unknown` until the change is made. */
  readonly outcome: "done" | "unknown";
  /** The revision that a job has had since. */
  readonly revision?: number;
}

/** The collections behind `admin.v1`. */
export interface AdminCollections {
  readonly users: Collection<UserDocument>;
  readonly sessions: Collection<SessionDocument>;
  readonly tokens: Collection<TokenDocument>;
  readonly audit: Collection<AuditDocument>;
}

/**
 * The database that the consoles share. Not MongoDB's own `admin`, which hosted
 * clusters do not let programs write to.
 */
export const adminDatabase = "console";

/** The collections in a database. What is written there is on disk when it is acknowledged. */
export function adminCollections(db: Db): AdminCollections {
  const options = { writeConcern: { w: "majority", journal: true } } as const;
  return {
    users: db.collection<UserDocument>("users", options),
    sessions: db.collection<SessionDocument>("sessions", options),
    tokens: db.collection<TokenDocument>("tokens", options),
    audit: db.collection<AuditDocument>("audit", options),
  };
}

/** An index that a collection needs. */
export interface AdminIndex {
  readonly collection: keyof AdminCollections;
  readonly key: Readonly<Record<string, IndexDirection>>;
}

/**
 * The indexes behind every query: a page of the audit log under each of its
 * filters, sessions and tokens of a user, and what is over. Users, sessions and
 * tokens are otherwise found by `_id`.
 */
export const adminIndexes: readonly AdminIndex[] = [
  { collection: "users", key: { role: 1 } },
  { collection: "sessions", key: { user: 1 } },
  { collection: "sessions", key: { expires_at: 1 } },
  { collection: "sessions", key: { seen_at: 1 } },
  { collection: "tokens", key: { public_id: 1 } },
  { collection: "tokens", key: { expires_at: 1 } },
  { collection: "tokens", key: { created_at: -1, _id: -1 } },
  { collection: "tokens", key: { user: 1, created_at: -1, _id: -1 } },
  { collection: "audit", key: { at: -1, _id: -1 } },
  { collection: "audit", key: { user: 1, at: -1, _id: -1 } },
  { collection: "audit", key: { service: 1, at: -1, _id: -1 } },
  { collection: "audit", key: { method: 1, at: -1, _id: -1 } },
  { collection: "audit", key: { target: 1, at: -1, _id: -1 } },
];

/** Declares {@link adminIndexes}; those that are there already stay as they are. */
export async function ensureAdminIndexes(db: Db): Promise<void> {
  // One command each: FerretDB 1.24 drops the connection when one command
  // names two indexes that exist.
  for (const { collection, key } of adminIndexes) {
    await db.collection(collection).createIndex(key);
  }
}
