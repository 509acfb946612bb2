/** The environment variables that give a service its ports. */
export const portNames = [
  "PORT",
  "GRPC_PORT",
  "METRICS_PORT",
  "WORKER_METRICS_PORT",
] as const;

/** One of {@link portNames}. */
export type PortName = (typeof portNames)[number];

/**
 * When a process is ended: lower stages first. Whoever calls goes before whom
 * it calls, so that nothing in flight loses the other side.
 */
export type StopStage = 0 | 1 | 2 | 3;

/** A service: a server process and a worker process with these ports. */
export interface ServiceDefinition {
  readonly name: string;
  /** Default port numbers. */
  readonly ports: Readonly<Record<PortName, number>>;
  /** The variable in which other processes expect its base URL. */
  readonly urlVariable: string;
  /** The stage in which its server ends. Workers end in stage 0. */
  readonly stopStage: StopStage;
}

const table = [
  {
    name: "time",
    ports: {
      PORT: 8010,
      GRPC_PORT: 50051,
      METRICS_PORT: 9999,
      WORKER_METRICS_PORT: 9997,
    },
    urlVariable: "TIME_URL",
    stopStage: 2,
  },
  {
    name: "revert-name",
    ports: {
      PORT: 8011,
      GRPC_PORT: 50052,
      METRICS_PORT: 9998,
      WORKER_METRICS_PORT: 9996,
    },
    urlVariable: "REVERT_NAME_URL",
    stopStage: 2,
  },
  {
    name: "edge",
    ports: {
      PORT: 8012,
      GRPC_PORT: 50053,
      METRICS_PORT: 9995,
      WORKER_METRICS_PORT: 9994,
    },
    urlVariable: "EDGE_URL",
    stopStage: 1,
  },
] as const satisfies readonly ServiceDefinition[];

/** The name of a service: its folder, and the label of its logs. */
export type ServiceName = (typeof table)[number]["name"];

/**
 * The services in the order of start. This table is the single source of
 * ports: the environment of each process, readiness, the check for ports in
 * use, the printed table and `--help` are derived from it.
 */
export const services: readonly (ServiceDefinition & {
  readonly name: ServiceName;
})[] = table;

/** The embedded database: its program, its default address, and its stage. */
export const database = {
  program: "packages/mongo/dist/main.js",
  host: "127.0.0.1",
  port: 27017,
  stopStage: 3,
} as const;

/** The program of a service, relative to the root of the repository. */
export function serviceProgram(name: ServiceName): string {
  return `services/${name}/dist/main.js`;
}

/**
 * The variable that overrides a port of one service in the launcher's own
 * environment, `REVERT_NAME_GRPC_PORT` for example.
 */
export function overrideVariable(name: ServiceName, port: PortName): string {
  return `${name.toUpperCase().replaceAll("-", "_")}_${port}`;
}
