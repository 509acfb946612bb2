import { Code, ConnectError } from "@connectrpc/connect";

/** How many entries a page has if a caller does not say. */
export const defaultPageSize = 50;

/** Makes the opaque text that callers hand back to get the next page. */
export function formatPageToken(...position: readonly string[]): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/**
 * Reads a page token of so many parts; undefined for the empty one, which is
 * the first page. Throws `invalid_argument` if it is not one of ours.
 */
export function parsePageToken(
  token: string,
  parts: number,
): readonly string[] | undefined {
  if (token === "") {
    return undefined;
  }
  const position = parse(token);
  if (
    Array.isArray(position) &&
    position.length === parts &&
    position.every((part) => typeof part === "string")
  ) {
    return position;
  }
  throw notOurs(token);
}

/** Reads a time in a page token. Throws `invalid_argument` if it is none. */
export function parsePageTime(time: string | undefined): Date {
  const date = new Date(time ?? "");
  if (Number.isNaN(date.getTime()) || date.toISOString() !== time) {
    throw notOurs(time ?? "");
  }
  return date;
}

/** The error for a page token that was not made here. */
export function notOurs(token: string): ConnectError {
  return new ConnectError(
    `page token ${JSON.stringify(token.slice(0, 64))} is not one of ours`,
    Code.InvalidArgument,
  );
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString());
  } catch {
    return undefined;
  }
}
