import type { DescMethod } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";

/**
 * How label values are spelled:
 *
 * - `"go"`: as go-grpc-middleware does, `unary`, `server_stream`, `OK`,
 *   `InvalidArgument`. Public dashboards and alert rules expect this.
 * - `"python"`: as py-grpc-prometheus and the Java libraries do, `UNARY`,
 *   `SERVER_STREAMING`, `OK`, `INVALID_ARGUMENT`.
 * - `"connect"`: as Connect names its codes, `unary`, `server_stream`, `ok`,
 *   `invalid_argument`.
 */
export type LabelSpelling = "go" | "python" | "connect";

/** The value of a call's status where it is no error. Connect has no code for it. */
export const ok = 0;

/** A status code of gRPC: 0 for success, or one of Connect's error codes. */
export type StatusCode = typeof ok | Code;

/** The number of status codes, from 0 (OK) to 16 (Unauthenticated). */
export const statusCodes = 17;

/** Spells a status code. */
export function spellCode(code: StatusCode, spelling: LabelSpelling): string {
  if (code === ok) {
    return spelling === "connect" ? "ok" : "OK";
  }
  // Code's reverse mapping has Go's spelling: DeadlineExceeded, Canceled.
  const name = Code[code];
  if (spelling === "go") {
    return name;
  }
  const snake = name.replace(/(?<=[a-z])[A-Z]/g, "_$&").toLowerCase();
  if (spelling === "connect") {
    return snake;
  }
  // gRPC's own list has the British spelling; only Go and Connect differ.
  return code === Code.Canceled ? "CANCELLED" : snake.toUpperCase();
}

const types = {
  go: {
    unary: "unary",
    client_streaming: "client_stream",
    server_streaming: "server_stream",
    bidi_streaming: "bidi_stream",
  },
  python: {
    unary: "UNARY",
    client_streaming: "CLIENT_STREAMING",
    server_streaming: "SERVER_STREAMING",
    bidi_streaming: "BIDI_STREAMING",
  },
} as const;

/** Spells the type of a method. */
export function spellType(
  kind: DescMethod["methodKind"],
  spelling: LabelSpelling,
): string {
  return types[spelling === "python" ? "python" : "go"][kind];
}
