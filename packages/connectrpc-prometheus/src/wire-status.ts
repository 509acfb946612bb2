import type { StatusCode } from "./spelling.js";
import { codeFromHttpStatus, codeFromWire } from "./status-code.js";

/** The flags of an envelope that ends a stream. */
const connectEndStream = 0x02;
const grpcWebTrailers = 0x80;
const compressed = 0x01;

/** What a response has told its peer about the outcome. */
export interface WireStatus {
  /** Takes the next bytes of the body. */
  read(chunk: Uint8Array): void;
  /**
   * The code that the complete response tells; undefined where it is told in
   * a form that is not read here (a compressed end of stream).
   */
  code(): StatusCode | undefined;
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
  if (trailer !== undefined && contentType.startsWith("application/grpc")) {
    if (!contentType.startsWith("application/grpc-web")) {
      return {
        read() {},
        code: () => codeFromWire(trailer.get("grpc-status")),
      };
    }
  }
  if (contentType.startsWith("application/grpc-web")) {
    const end = createEndFrame(grpcWebTrailers);
    return {
      read: end.read,
      code() {
        const text = end.text();
        return text === undefined
          ? undefined
          : codeFromWire(/^grpc-status: *(\d+)/im.exec(text)?.[1]);
      },
    };
  }
  if (contentType.startsWith("application/connect+")) {
    const end = createEndFrame(connectEndStream);
    return {
      read: end.read,
      code() {
        const text = end.text();
        return text === undefined
          ? undefined
          : codeFromWire(readErrorCode(JSON.parse(text)?.error) ?? "ok");
      },
    };
  }
  const decoder = new TextDecoder();
  let body = "";
  return {
    read(chunk) {
      if (status !== 200) {
        body += decoder.decode(chunk, { stream: true });
      }
    },
    code() {
      if (status === 200) {
        return codeFromHttpStatus(status);
      }
      try {
        const code = readErrorCode(JSON.parse(body));
        return code === undefined
          ? codeFromHttpStatus(status)
          : codeFromWire(code);
      } catch {
        // An empty body, or a compressed one.
        return body === "" ? codeFromHttpStatus(status) : undefined;
      }
    },
  };
}

function readErrorCode(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error
    ? error.code
    : undefined;
}

/** Finds the envelope with the given flag among the chunks of a body. */
function createEndFrame(flag: number) {
  const prefix = new Uint8Array(5);
  let filled = 0;
  let left = 0;
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
          if ((flags & flag) !== 0) {
            data = [];
            readable = (flags & compressed) === 0;
          }
        }
      }
    },
    text(): string | undefined {
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
