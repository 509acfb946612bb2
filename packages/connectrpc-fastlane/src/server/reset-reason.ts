import { Code, ConnectError } from "@connectrpc/connect";

/** HTTP/2 error codes with a meaning for RPCs (gRPC over HTTP2, "Errors"). */
const meanings: Readonly<Record<number, readonly [name: string, code: Code]>> =
  {
    1: ["PROTOCOL_ERROR", Code.Internal],
    2: ["INTERNAL_ERROR", Code.Internal],
    3: ["FLOW_CONTROL_ERROR", Code.Internal],
    4: ["SETTINGS_TIMEOUT", Code.Internal],
    6: ["FRAME_SIZE_ERROR", Code.Internal],
    7: ["REFUSED_STREAM", Code.Unavailable],
    8: ["CANCEL", Code.Canceled],
    9: ["COMPRESSION_ERROR", Code.Internal],
    10: ["CONNECT_ERROR", Code.Internal],
    11: ["ENHANCE_YOUR_CALM", Code.ResourceExhausted],
    12: ["INADEQUATE_SECURITY", Code.PermissionDenied],
    13: ["HTTP_1_1_REQUIRED", Code.PermissionDenied],
  };

/**
 * The reason of a stream that was closed with a code, in connect-node's words;
 * undefined for an orderly end.
 */
export function reasonFromReset(
  rstCode: number | undefined,
): ConnectError | undefined {
  const meaning = meanings[rstCode ?? 0];
  if (rstCode === undefined || meaning === undefined) {
    return undefined;
  }
  const [name, code] = meaning;
  return new ConnectError(
    `http/2 stream closed with error code ${name} (0x${rstCode.toString(16)})`,
    code,
  );
}

/** The same for an error of an HTTP/1.1 connection. */
export function reasonFromError(error: unknown): ConnectError {
  const reset =
    error instanceof Error && "code" in error && error.code === "ECONNRESET";
  const reason = ConnectError.from(error, reset ? Code.Aborted : Code.Internal);
  if (reason !== error) {
    reason.cause = error;
  }
  return reason;
}
