import { ObjectId } from "mongodb";
import { InvalidPageTokenError } from "./heartbeat-store-error.js";

/** The last beat of a page; the next page holds the beats older than it. */
export interface PagePosition {
  readonly time: Date;
  readonly id: ObjectId;
}

const shape = /^(\d{1,15})-([0-9a-f]{24})$/;

/** Makes the opaque text that callers hand back to get the next page. */
export function formatPageToken({ time, id }: PagePosition): string {
  return Buffer.from(`${time.getTime()}-${id.toHexString()}`).toString(
    "base64url",
  );
}

/** Reads a page token. Throws InvalidPageTokenError if it is not one of ours. */
export function parsePageToken(token: string): PagePosition {
  const text = Buffer.from(token, "base64url").toString("latin1");
  const [, time, id] = shape.exec(text) ?? [];
  // Decoding skips what is not base64url, so a damaged token may still decode.
  const intact = Buffer.from(text, "latin1").toString("base64url") === token;
  if (time === undefined || id === undefined || !intact) {
    const shown = token.length > 64 ? `${token.slice(0, 64)}…` : token;
    throw new InvalidPageTokenError(
      `page token ${JSON.stringify(shown)} is not one of ours`,
    );
  }
  return { time: new Date(Number(time)), id: ObjectId.createFromHexString(id) };
}
