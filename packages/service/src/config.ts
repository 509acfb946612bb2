import { hostname } from "node:os";
import { z } from "zod";
import { adminOptions } from "./admin-config.js";
import { readVariableFiles } from "./variable-files.js";

/** The ports of a service, each with the default of the service. */
export interface DefaultPorts {
  /** Everything: gRPC, Connect, gRPC-Web, REST, metrics, health. */
  port: number;
  /** A second address for gRPC clients; the same handler. */
  grpcPort: number;
  /** Metrics and health of the server process. */
  metricsPort: number;
  /** Metrics and health of the worker process. */
  workerMetricsPort: number;
}

const port = () => z.coerce.number().int().min(0).max(65_535);

/** A port, by its default. 0 takes any that is free. */
export const portOption = (byDefault: number, what: string) =>
  port().default(byDefault).describe(`${what} (0: any free port)`);

/** An address of another service, by its default. */
export const urlOption = (byDefault: string, what: string) =>
  z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .default(byDefault)
    .describe(what);

/** A time in milliseconds, by its default. */
export const millisecondsOption = (byDefault: number, what: string) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .default(byDefault)
    .describe(`${what}, in milliseconds`);

/** A count, by its default. */
const countOption = (min: number, byDefault: number, what: string) =>
  z.coerce.number().int().min(min).default(byDefault).describe(what);

/** A secret that callers show. Absent by default. */
export const tokenOption = (what: string) =>
  z
    .string()
    .regex(
      /^[\w.~+/=-]{16,}$/,
      "must be 16 or more of A-Z a-z 0-9 . _ ~ + / = -",
    )
    .optional()
    .describe(what);

const fileOption = (what: string) => z.string().optional().describe(what);

const limitOptions = {
  MAX_MESSAGE_BYTES: countOption(
    1024,
    1024 * 1024,
    "largest message that is read or written, decompressed, in bytes",
  ),
  MAX_HEADER_BYTES: countOption(
    1024,
    16 * 1024,
    "largest headers of a request, in bytes",
  ),
  MAX_CONNECTIONS: countOption(1, 10_000, "connections at once, all ports"),
  MAX_STREAMS_PER_CONNECTION: countOption(
    1,
    250,
    "calls at once on one HTTP/2 connection",
  ),
  MAX_IN_FLIGHT: countOption(
    1,
    1_000,
    "calls at once; more are turned away with unavailable",
  ),
  MAX_DEADLINE_MS: millisecondsOption(
    3_600_000,
    "longest deadline that a caller may set; a longer one is invalid_argument",
  ),
  PREFACE_TIMEOUT_MS: millisecondsOption(
    10_000,
    "how long a connection may take to say what it speaks, TLS handshake included",
  ),
  REQUEST_TIMEOUT_MS: millisecondsOption(
    300_000,
    "how long a request may take to arrive, over HTTP/1.1 its headers 60,000 of it at most; over HTTP/2 streams from clients are not limited",
  ),
  IDLE_TIMEOUT_MS: millisecondsOption(
    72_000,
    "how long a connection may be without a call",
  ),
};

const tlsOptions = {
  TLS_CERT_FILE: fileOption("certificate of the server (PEM): speaks TLS"),
  TLS_KEY_FILE: fileOption("key of that certificate (PEM)"),
  TLS_CLIENT_CA_FILE: fileOption(
    "authority of clients' certificates (PEM): they must show one",
  ),
  CALL_CA_FILE: fileOption("authority of other services' certificates (PEM)"),
  CALL_CERT_FILE: fileOption("certificate shown to other services (PEM)"),
  CALL_KEY_FILE: fileOption("key of that certificate (PEM)"),
};

function addressOptions(ports: DefaultPorts) {
  return {
    HOST: z
      .string()
      .default("127.0.0.1")
      .describe("address to listen on; 0.0.0.0 in a container"),
    PORT: portOption(ports.port, "port that speaks everything"),
    GRPC_PORT: portOption(ports.grpcPort, "second port for gRPC clients"),
    METRICS_PORT: portOption(
      ports.metricsPort,
      "metrics and health of the server process",
    ),
    WORKER_METRICS_PORT: portOption(
      ports.workerMetricsPort,
      "metrics and health of the worker process",
    ),
  };
}

function processOptions() {
  return {
    MONGODB_URI: z
      .string({ error: "is required, for example mongodb://127.0.0.1:27017" })
      .regex(/^mongodb(\+srv)?:\/\/./, "must start with mongodb://")
      .describe("the database; `npm run db` starts one"),
    EDGE_URL: urlOption(
      "http://127.0.0.1:8012",
      "where the worker's heartbeats go",
    ),
    HEARTBEAT_TOKEN: tokenOption(
      "bearer token of heartbeats: edge asks for it, workers show it",
    ),
    INSTANCE_ID: z
      .string()
      .min(1)
      .max(128)
      .default(`${hostname()}:${process.pid}`)
      .meta({
        description: "tells this process apart in heartbeats and runs",
        defaultNote: "host name and process id",
      }),
    LOG_LEVEL: z
      .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"])
      .default("info")
      .describe("how much is logged"),
    CORS_ORIGINS: z
      .string()
      .default("")
      .transform((list) => list.split(",").map((origin) => origin.trim()))
      .transform((list) => list.filter((origin) => origin !== ""))
      .describe(
        "origins whose pages may call this service, separated by commas; none if empty",
      ),
    METRICS_TOKEN: tokenOption(
      "bearer token that a scrape has to show; without one, metrics are open",
    ),
    FASTLANE: z
      .stringbool()
      .default(true)
      .describe(
        "whether common calls take the fast lane; off, all run through connect-es",
      ),
    SHUTDOWN_GRACE_MS: millisecondsOption(
      8_000,
      "how long calls may go on after SIGTERM",
    ),
  };
}

/**
 * What every service takes from its environment, to be spread into the
 * service's own schema: one schema for its server and its worker.
 */
export function baseOptions(ports: DefaultPorts) {
  return {
    ...addressOptions(ports),
    ...processOptions(),
    ...adminOptions(),
    ...limitOptions,
    ...tlsOptions,
  };
}

/** The variables of {@link baseOptions}, by what they are about. */
export const baseVariables: Readonly<Record<string, readonly string[]>> = {
  Addresses: Object.keys(
    addressOptions({
      port: 0,
      grpcPort: 0,
      metricsPort: 0,
      workerMetricsPort: 0,
    }),
  ),
  Process: Object.keys(processOptions()),
  Admin: Object.keys(adminOptions()),
  Limits: Object.keys(limitOptions),
  TLS: Object.keys(tlsOptions),
};

/** A schema of environment variables: {@link baseOptions} and a service's own. */
export type ConfigSchema = z.ZodObject<ReturnType<typeof baseOptions>>;

/** What every service knows of its configuration. */
export type BaseConfig = z.output<ConfigSchema>;

/** A ConfigError is raised if environment variables break the schema. */
export class ConfigError extends Error {
  override name = "ConfigError";

  /** @param mistakes One line for each variable that is wrong. */
  constructor(readonly mistakes: readonly string[]) {
    super(`configuration is not valid:\n  ${mistakes.join("\n  ")}`);
  }
}

/**
 * Reads the configuration from environment variables. A variable that is set
 * to nothing counts as absent; one that is not set is read from the file that
 * `NAME_FILE` names. Throws a {@link ConfigError} that names every
 * mistake at once, without the values: one of them may be a secret.
 */
export function readConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: NodeJS.ProcessEnv,
): z.output<Schema> {
  const files = readVariableFiles(Object.keys(schema.shape), env);
  const given = Object.entries(files.env).filter(([, value]) => value !== "");
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success && files.mistakes.length === 0) {
    return result.data;
  }
  const issues = result.error?.issues ?? [];
  throw new ConfigError([
    ...files.mistakes,
    ...issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
  ]);
}
