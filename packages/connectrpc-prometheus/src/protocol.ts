/** The values of `grpc_protocol`. */
export const protocols = ["grpc", "grpc_web", "connect"] as const;

/**
 * Tells the protocol of a request by its content type, as a server does. A
 * Connect GET has none.
 */
export function protocolOf(header: Headers): (typeof protocols)[number] {
  const contentType = header.get("content-type") ?? "";
  if (contentType.startsWith("application/grpc-web")) {
    return "grpc_web";
  }
  return contentType.startsWith("application/grpc") ? "grpc" : "connect";
}
