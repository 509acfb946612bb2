import { readFileSync } from "node:fs";
import type { SecureContextOptions, TlsOptions } from "node:tls";
import { type BaseConfig, ConfigError } from "./config.js";

/**
 * The TLS options of a server, read from the files that the configuration
 * names; undefined if it names none. With `TLS_CLIENT_CA_FILE`, a client must
 * show a certificate of that authority. Throws a {@link ConfigError} for files
 * that cannot be read, and for a certificate without its key.
 */
export function readServerTls(config: BaseConfig): TlsOptions | undefined {
  const { TLS_CERT_FILE, TLS_KEY_FILE, TLS_CLIENT_CA_FILE } = config;
  if (TLS_CERT_FILE === undefined && TLS_KEY_FILE === undefined) {
    if (TLS_CLIENT_CA_FILE !== undefined) {
      throw new ConfigError([
        "TLS_CLIENT_CA_FILE: needs TLS_CERT_FILE and TLS_KEY_FILE",
      ]);
    }
    return undefined;
  }
  if (TLS_CERT_FILE === undefined || TLS_KEY_FILE === undefined) {
    throw new ConfigError(["TLS_CERT_FILE and TLS_KEY_FILE go together"]);
  }
  return {
    cert: read("TLS_CERT_FILE", TLS_CERT_FILE),
    key: read("TLS_KEY_FILE", TLS_KEY_FILE),
    ...(TLS_CLIENT_CA_FILE === undefined
      ? {}
      : {
          ca: read("TLS_CLIENT_CA_FILE", TLS_CLIENT_CA_FILE),
          requestCert: true,
          rejectUnauthorized: true,
        }),
  };
}

/**
 * The TLS options of calls to other services: whom to trust, and the
 * certificate to show. Throws as {@link readServerTls}.
 */
export function readClientTls(config: BaseConfig): SecureContextOptions {
  const { CALL_CA_FILE, CALL_CERT_FILE, CALL_KEY_FILE } = config;
  if ((CALL_CERT_FILE === undefined) !== (CALL_KEY_FILE === undefined)) {
    throw new ConfigError(["CALL_CERT_FILE and CALL_KEY_FILE go together"]);
  }
  return {
    ...(CALL_CA_FILE && { ca: read("CALL_CA_FILE", CALL_CA_FILE) }),
    ...(CALL_CERT_FILE && { cert: read("CALL_CERT_FILE", CALL_CERT_FILE) }),
    ...(CALL_KEY_FILE && { key: read("CALL_KEY_FILE", CALL_KEY_FILE) }),
  };
}

function read(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`${name}: cannot be read: ${reason}`]);
  }
}
