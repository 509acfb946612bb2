import type {
  AdminCollections,
  RoleName,
  TokenDocument,
} from "./admin-documents.js";
import { createPublicId, createSecret, digestSecret } from "./secret.js";

/** A new token. */
export interface NewToken {
  readonly username: string;
  readonly name: string;
  readonly role: RoleName;
  readonly expiresAt: Date;
}

/** The last token of a page. */
export interface TokenPosition {
  readonly createdAt: Date;
  readonly digest: string;
}

/** Which tokens to list. */
export interface ListTokensOptions {
  /** Of this user. By default, or if empty, of all. */
  readonly username?: string;
  readonly limit: number;
  /** Those older than this. By default, the newest. */
  readonly before?: TokenPosition;
}

/** Keeps API tokens. */
export interface TokenStore {
  /** Makes a token. Its secret is nowhere else. */
  create(token: NewToken): Promise<{ secret: string; token: TokenDocument }>;
  /** Finds a token that has not expired, and notes that it was used. */
  find(secret: string): Promise<TokenDocument | undefined>;
  /** How many tokens of a user have not expired. */
  count(username: string): Promise<number>;
  /** Newest first. */
  list(options: ListTokensOptions): Promise<TokenDocument[]>;
  /** Removes a token. Undefined if there was none. */
  revoke(publicId: string): Promise<TokenDocument | undefined>;
  /** Removes the tokens of a user; says how many. */
  revokeAll(username: string): Promise<number>;
}

/** What a token's secret begins with, so that it is known when it is found somewhere. */
const prefix = "both-ends_";

// Each call would otherwise write.
const usedEveryMs = 60_000;

/** Creates the store of API tokens. */
export function createTokenStore(
  { tokens }: Pick<AdminCollections, "tokens">,
  { now }: { readonly now: () => Date },
): TokenStore {
  return {
    async create({ username, name, role, expiresAt }) {
      const secret = `${prefix}${createSecret()}`;
      const token: TokenDocument = {
        _id: digestSecret(secret),
        public_id: createPublicId(),
        name,
        user: username,
        role,
        created_at: now(),
        expires_at: expiresAt,
      };
      await tokens.insertOne(token);
      return { secret, token };
    },
    async find(secret) {
      const _id = digestSecret(secret);
      const token = await tokens.findOne({ _id });
      const at = now();
      if (token === null || token.expires_at <= at) {
        return undefined;
      }
      const usedMs = token.used_at?.getTime() ?? 0;
      if (at.getTime() - usedMs >= usedEveryMs) {
        await tokens.updateOne({ _id }, { $set: { used_at: at } });
      }
      return token;
    },
    count: (username) =>
      tokens.countDocuments({ user: username, expires_at: { $gt: now() } }),
    async list({ username = "", limit, before }) {
      return await tokens
        .find({
          $and: [
            username === "" ? {} : { user: username },
            before === undefined ? {} : olderThan(before),
          ],
        })
        .sort({ created_at: -1, _id: -1 })
        .limit(limit)
        .toArray();
    },
    async revoke(publicId) {
      const token = await tokens.findOne({ public_id: publicId });
      if (token === null) {
        return undefined;
      }
      const { deletedCount } = await tokens.deleteOne({ _id: token._id });
      return deletedCount === 1 ? token : undefined;
    },
    async revokeAll(username) {
      return (await tokens.deleteMany({ user: username })).deletedCount;
    },
  };
}

function olderThan({ createdAt, digest }: TokenPosition) {
  return {
    $or: [
      { created_at: { $lt: createdAt } },
      { created_at: createdAt, _id: { $lt: digest } },
    ],
  };
}
