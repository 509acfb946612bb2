import type { Server } from "node:http";
import type { TLSSocket } from "node:tls";
import { Counter, type Registry } from "prom-client";
import type { Logger } from "./logger.js";

/** Why a TLS handshake failed. */
const reasons = [
  /** The client showed no certificate. */
  "no_certificate",
  /** The client's certificate has expired. */
  "expired",
  /** The client's certificate is of another authority, or not valid yet. */
  "untrusted",
  /** The client did not accept the certificate of this server. */
  "refused_by_client",
  /** The client left in the middle, as a port scan does. */
  "closed",
  /** The client did not finish in time. */
  "timeout",
  /** It was no TLS, or no version or cipher that both know. */
  "protocol",
] as const;

type Reason = (typeof reasons)[number];

/** Reasons that somebody has to mend; the others are the noise of networks. */
const certificateReasons: readonly Reason[] = [
  "no_certificate",
  "expired",
  "untrusted",
  "refused_by_client",
];

/**
 * Counts the TLS handshakes of a server that fail, by their reason, as
 * `service_tls_handshake_failures_total{reason}`, and logs those that a
 * certificate is to blame for: Node ends a connection with a certificate that
 * it does not trust without a word to the client.
 */
export function observeTlsFailures(
  server: Server,
  options: { registry: Registry; logger: Logger },
): void {
  const failures = new Counter({
    name: "service_tls_handshake_failures_total",
    help: "TLS handshakes that failed, by reason.",
    labelNames: ["reason"],
    registers: [options.registry],
  });
  for (const reason of reasons) {
    failures.inc({ reason }, 0);
  }
  server.on(
    "tlsClientError",
    (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      const detail = authorizationErrorOf(socket) ?? error.code ?? "";
      const reason = reasonOf(detail);
      failures.inc({ reason });
      const level = certificateReasons.includes(reason) ? "warn" : "debug";
      options.logger[level](
        { reason, detail, remote_address: socket.remoteAddress },
        "tls handshake failed",
      );
    },
  );
}

/**
 * What was wrong with the certificate of a client. Node's types have an Error
 * here, but it is the code of OpenSSL.
 */
function authorizationErrorOf(socket: TLSSocket): string | undefined {
  const error: unknown = socket.authorizationError;
  return typeof error === "string" ? error : undefined;
}

function reasonOf(code: string): Reason {
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return "expired";
    case "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE":
      return "no_certificate";
    case "ERR_TLS_HANDSHAKE_TIMEOUT":
      return "timeout";
    case "ECONNRESET":
    case "EPIPE":
      return "closed";
  }
  if (!code.startsWith("ERR_SSL_")) {
    return "untrusted";
  }
  return code.includes("_ALERT_") ? "refused_by_client" : "protocol";
}
