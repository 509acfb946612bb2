import { Code, ConnectError } from "@connectrpc/connect";

/**
 * How a call ended: `OK`, or the name of a gRPC status as
 * `grpc_server_handled_total` spells it (`DeadlineExceeded`, `Canceled`).
 */
export type CodeName = "OK" | keyof typeof Code;

/** Spells the code of whatever a call has thrown. */
export function codeNameOf(reason: unknown): CodeName {
  return spellCode(ConnectError.from(reason).code);
}

/** Spells one of Connect's codes. */
export function spellCode(code: Code): CodeName {
  // The reverse mapping of a numeric enum gives its keys as plain strings.
  return Code[code] as keyof typeof Code;
}
