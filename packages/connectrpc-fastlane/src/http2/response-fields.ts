/** What a field of a response is to who checks the response. */
type FieldKind = "plain" | "status" | "length" | "te" | "malformed";

/** Names of responses, of which there are few, though servers choose them. */
const kinds = new Map<string, FieldKind>();
const maxKinds = 512;

/** Fields of a connection, which HTTP/2 does not have (RFC 9113, 8.2.2). */
const ofConnection = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);
const upperCase = /[A-Z]/;
const threeDigits = /^[1-9]\d\d$/;
const digits = /^\d{1,15}$/;

/** What the headers of a response say of it. */
export interface ResponseHead {
  /** 100 and more; 0 if the response is malformed. */
  status: number;
  /** How long the body is, by `content-length` or by the status; -1 if they do not say. */
  contentLength: number;
}

/**
 * Checks the fields of a response (RFC 9113, 8.3.2), as strictly as nghttp2,
 * which Node uses, and writes down what they say.
 */
export function readResponseHead(
  fields: readonly string[],
  head: ResponseHead,
): void {
  let status = 0;
  let contentLength = -1;
  let regular = false;
  head.status = 0;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? "";
    const value = fields[i + 1] ?? "";
    switch (kinds.get(name) ?? learn(name)) {
      case "plain":
        break;
      case "status":
        if (regular || status !== 0 || !threeDigits.test(value)) {
          return;
        }
        status = Number(value);
        continue;
      case "length":
        if (status === 204) {
          break;
        }
        if (contentLength !== -1 || status < 200 || !digits.test(value)) {
          return;
        }
        contentLength = Number(value);
        break;
      case "te":
        if (value.toLowerCase() !== "trailers") {
          return;
        }
        break;
      case "malformed":
        return;
    }
    regular = true;
  }
  if (status === 101) {
    return;
  }
  head.status = status;
  head.contentLength = status === 204 || status === 304 ? 0 : contentLength;
}

/** Whether these can be trailers. */
export function areTrailers(fields: readonly string[]): boolean {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? "";
    const kind = kinds.get(name) ?? learn(name);
    if (
      kind === "malformed" ||
      kind === "status" ||
      (kind === "te" && fields[i + 1]?.toLowerCase() !== "trailers")
    ) {
      return false;
    }
  }
  return true;
}

function learn(name: string): FieldKind {
  let kind: FieldKind = "plain";
  if (name === ":status") {
    kind = "status";
  } else if (name === "content-length") {
    kind = "length";
  } else if (name === "te") {
    kind = "te";
  } else if (
    name.startsWith(":") ||
    ofConnection.has(name) ||
    upperCase.test(name)
  ) {
    kind = "malformed";
  }
  if (kinds.size >= maxKinds) {
    kinds.clear();
  }
  kinds.set(name, kind);
  return kind;
}
