import { MongoServerError } from "mongodb";
import type {
  AdminCollections,
  RoleName,
  UserDocument,
} from "./admin-documents.js";

/** A new user. */
export interface NewUser {
  readonly username: string;
  readonly role: RoleName;
  /** The hash of the password. */
  readonly password: string;
}

/** Which users to list. */
export interface UserListPart {
  /** What their names contain. All if empty. */
  readonly search: string;
  /** The name before the first of them. */
  readonly after: string;
  readonly limit: number;
}

/** Keeps the people who may log in. Names are in lower case. */
export interface UserStore {
  find(username: string): Promise<UserDocument | undefined>;
  /** A part of the users, sorted by name, without the hashes of their passwords. */
  list(part: UserListPart): Promise<Omit<UserDocument, "password">[]>;
  /** Adds a user. Undefined if there is one of this name. */
  create(user: NewUser): Promise<UserDocument | undefined>;
  /** Gives a user another role. Undefined if there is none of this name. */
  changeRole(
    username: string,
    role: RoleName,
  ): Promise<UserDocument | undefined>;
  /** Stores another hash. `rehashed` is the same password at another cost. */
  setPassword(
    username: string,
    password: string,
    options?: { readonly rehashed: boolean },
  ): Promise<void>;
  noteLogin(username: string): Promise<void>;
  /** Removes a user. Undefined if there was none. */
  remove(username: string): Promise<UserDocument | undefined>;
  /** Puts a user back as they were. */
  restore(user: UserDocument): Promise<void>;
  /** How many may change everything. */
  countOperators(): Promise<number>;
}

/** Creates the store of users. */
export function createUserStore(
  { users }: Pick<AdminCollections, "users">,
  { now }: { readonly now: () => Date },
): UserStore {
  return {
    find: async (username) =>
      (await users.findOne({ _id: username })) ?? undefined,
    list: ({ search, after, limit }) =>
      users
        .find({
          $and: [
            { _id: { $gt: after } },
            ...(search === "" ? [] : [{ _id: { $regex: literally(search) } }]),
          ],
        })
        .project<Omit<UserDocument, "password">>({ password: 0 })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray(),
    async create({ username, role, password }) {
      const at = now();
      const user: UserDocument = {
        _id: username,
        role,
        password,
        password_changed_at: at,
        created_at: at,
      };
      try {
        await users.insertOne(user);
        return user;
      } catch (error) {
        if (error instanceof MongoServerError && error.code === 11_000) {
          return undefined;
        }
        throw error;
      }
    },
    changeRole: async (username, role) =>
      (await users.findOneAndUpdate(
        { _id: username },
        { $set: { role } },
        { returnDocument: "after" },
      )) ?? undefined,
    async setPassword(username, password, { rehashed } = { rehashed: false }) {
      const changed = rehashed ? {} : { password_changed_at: now() };
      await users.updateOne(
        { _id: username },
        { $set: { password, ...changed } },
      );
    },
    async noteLogin(username) {
      await users.updateOne(
        { _id: username },
        { $set: { last_login_at: now() } },
      );
    },
    remove: async (username) =>
      (await users.findOneAndDelete({ _id: username })) ?? undefined,
    async restore({ _id, ...user }) {
      await users.updateOne({ _id }, { $set: user }, { upsert: true });
    },
    countOperators: () => users.countDocuments({ role: "operator" }),
  };
}

/** A regular expression that finds a text as it is. */
function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
