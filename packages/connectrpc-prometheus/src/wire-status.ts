import { Code } from "@connectrpc/connect";
import { ok, type StatusCode } from "./spelling.js";
import {
  codeFromErrorStatus,
  codeFromHttpStatus,
  codeFromWire,
} from "./status-code.js";

/** The flags of an envelope that ends a stream. */
const connectEndStream = 0x02;
const grpcWebTrailers = 0x80;
const compressed = 0x01;

/** What a response has told its peer about the outcome. */
export interface WireStatus {
  /** Takes the next bytes of the body. */
  read(chunk: Uint8Array): void;
  /** Whether the body has told the outcome already, before its end. */
  told(): boolean;
  /**
   * The code that the complete response tells. Where it is compressed, and so
   * not read here, what the interceptors saw is asked, which is undefined for
   * a call that never came there.
   */
  code(seen: StatusCode | undefined): StatusCode;
}

/**
 * Reads the outcome of a response as its peer does: from the HTTP status, the
 * trailer of gRPC, the last envelope of gRPC-Web and of Connect streams, or
 * the error body of a Connect unary call.
 */
export function createWireStatus(response: {
  status: number;
  header?: Headers;
  trailer?: Headers;
}): WireStatus {
  const { status, header, trailer } = response;
  const contentType = header?.get("content-type") ?? "";
  if (contentType.startsWith("application/grpc-web")) {
    return readLastEnvelope(grpcWebTrailers, (text) =>
      codeFromWire(/^grpc-status: *(\d+)/im.exec(text)?.[1]),
    );
  }
  if (contentType.startsWith("application/connect+")) {
    return readLastEnvelope(connectEndStream, (text) => {
      const { error } = JSON.parse(text);
      return error === undefined ? ok : codeFromWire(readErrorCode(error));
    });
  }
  if (contentType.startsWith("application/grpc") && trailer !== undefined) {
    return {
      read() {},
      told: () => false,
      code: () => codeFromWire(trailer.get("grpc-status")),
    };
  }
  return readErrorBody(status);
}

/** The status of a Connect unary call, or of an HTTP response without more. */
function readErrorBody(status: number): WireStatus {
  const decoder = new TextDecoder();
  let body = "";
  return {
    read(chunk) {
      if (status !== 200) {
        body += decoder.decode(chunk, { stream: true });
      }
    },
    told: () => false,
    code(seen) {
      if (status === 200 || body === "") {
        return codeFromHttpStatus(status);
      }
      try {
        const code = readErrorCode(JSON.parse(body));
        return code === undefined
          ? codeFromHttpStatus(status)
          : codeFromWire(code);
      } catch {
        // The body is compressed.
        return seen ?? codeFromErrorStatus(status);
      }
    },
  };
}

/** The status that the envelope with the given flag tells. */
function readLastEnvelope(
  flag: number,
  parse: (text: string) => StatusCode,
): WireStatus {
  const envelopes = createEnvelopeReader(flag);
  return {
    read: envelopes.read,
    told: envelopes.complete,
    code(seen) {
      const text = envelopes.lastText();
      if (text === undefined) {
        // Where no interceptor saw an error, the message before tells whether
        // it could be serialised.
        return seen ?? (envelopes.messages() > 0 ? ok : Code.Internal);
      }
      try {
        return parse(text);
      } catch {
        return Code.Unknown;
      }
    },
  };
}

function readErrorCode(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error
    ? error.code
    : undefined;
}

/** Reads envelopes from the chunks of a body, and keeps the flagged one. */
function createEnvelopeReader(flag: number) {
  const prefix = new Uint8Array(5);
  let filled = 0;
  let left = 0;
  let messages = 0;
  let data: Uint8Array[] | undefined;
  let readable = true;
  return {
    read(chunk: Uint8Array) {
      let rest = chunk;
      while (rest.length > 0) {
        if (left > 0) {
          const part = rest.subarray(0, left);
          data?.push(part);
          left -= part.length;
          rest = rest.subarray(part.length);
          continue;
        }
        const part = rest.subarray(0, prefix.length - filled);
        prefix.set(part, filled);
        filled += part.length;
        rest = rest.subarray(part.length);
        if (filled === prefix.length) {
          filled = 0;
          const flags = Number(prefix[0]);
          left = new DataView(prefix.buffer).getUint32(1);
          if ((flags & flag) === 0) {
            messages++;
          } else {
            data = [];
            readable = (flags & compressed) === 0;
          }
        }
      }
    },
    /** The number of envelopes without the flag. */
    messages: () => messages,
    /** Whether the flagged envelope was read to its end. */
    complete: () => data !== undefined && left === 0,
    /** The text of the flagged envelope, undefined if it is compressed. */
    lastText(): string | undefined {
      if (data === undefined || !readable) {
        return undefined;
      }
      const decoder = new TextDecoder();
      return data
        .map((part) => decoder.decode(part, { stream: true }))
        .join("");
    },
  };
}
