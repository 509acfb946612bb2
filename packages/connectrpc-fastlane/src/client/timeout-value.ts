/** The most that the header of gRPC holds: eight digits. */
const maxGrpcCount = 99_999_999;

/** The most that the header of Connect holds: ten digits, some 115 days. */
const maxConnectMs = 9_999_999_999;

/**
 * A timeout as gRPC has it in `grpc-timeout`: in milliseconds, or in seconds
 * where those have more than eight digits. Rounded up.
 */
export function grpcTimeout(timeoutMs: number): string {
  const wholeMs = Math.ceil(timeoutMs);
  return wholeMs <= maxGrpcCount
    ? `${wholeMs}m`
    : `${Math.min(Math.ceil(timeoutMs / 1_000), maxGrpcCount)}S`;
}

/** A timeout as Connect has it in `connect-timeout-ms`. Rounded up. */
export function connectTimeout(timeoutMs: number): string {
  return `${Math.min(Math.ceil(timeoutMs), maxConnectMs)}`;
}
