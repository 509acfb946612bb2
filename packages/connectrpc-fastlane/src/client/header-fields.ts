import { LaneHeaders } from "../headers/lane-headers.js";
import { oddValue, plainName } from "../http2/field-syntax.js";
import { errorFromNode } from "./node-error.js";

/** Fields of which Node takes the first, and not all. */
const single = new Set([
  "access-control-allow-credentials",
  "access-control-max-age",
  "access-control-request-method",
  "age",
  "authorization",
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-md5",
  "content-range",
  "content-type",
  "date",
  "dnt",
  "etag",
  "expires",
  "from",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "range",
  "referer",
  "retry-after",
  "tk",
  "upgrade-insecure-requests",
  "user-agent",
  "x-content-type-options",
]);

/**
 * The Headers of what was received, without pseudo-headers: those that Node's
 * http2 gives, which leaves out names and values that must not be.
 */
export function toHeaders(fields: readonly string[]): Headers {
  const headers = new Headers();
  /** Values of fields that came more than once, joined as Node does. */
  const joined = new Map<string, string>();
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? "";
    const value = fields[i + 1] ?? "";
    if (!plainName.test(name) || oddValue.test(value)) {
      continue;
    }
    const before = joined.get(name);
    if (name === "set-cookie") {
      headers.append(name, value);
    } else if (before === undefined) {
      joined.set(name, value);
    } else if (!single.has(name)) {
      joined.set(name, `${before}, ${value}`);
    }
  }
  for (const [name, value] of joined) {
    headers.set(name, value);
  }
  return headers;
}

/** Like {@link toHeaders}, but of `set-cookie` the last counts. */
export function toTrailers(fields: readonly string[] | undefined): Headers {
  const trailers = new Headers();
  toHeaders(fields ?? []).forEach((value, name) => {
    trailers.set(name, value);
  });
  return trailers;
}

/** The value of a field that comes once; undefined if it does not. */
export function onlyValue(
  fields: readonly string[],
  name: string,
): string | undefined {
  let value: string | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] === name) {
      if (value !== undefined) {
        return undefined;
      }
      value = fields[i + 1];
    }
  }
  return value;
}

/** Fields of a connection, which HTTP/2 does not have (RFC 9113, 8.2.2). */
const ofConnection = new Set([
  "connection",
  "upgrade",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
]);

/**
 * What is sent for these Headers, after the pseudo-headers in `head`. Throws a
 * ConnectError with the code `internal` for fields that HTTP/2 does not have.
 */
export function toFields(head: readonly string[], header: Headers): string[] {
  const fields = [...head];
  const add = (value: string, name: string) => {
    if (ofConnection.has(name) || (name === "te" && value !== "trailers")) {
      throw errorFromNode(
        new TypeError(
          `HTTP/1 Connection specific headers are forbidden: "${name}"`,
        ),
      );
    }
    if (name === "host") {
      // It says what `:authority` would.
      const at = fields.indexOf(":authority");
      fields.splice(at, at < 0 ? 0 : 2);
    }
    fields.push(name, value);
  };
  if (header instanceof LaneHeaders) {
    header.forEachPlain(add);
  } else {
    header.forEach(add);
  }
  return fields;
}
