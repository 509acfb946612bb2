import {
  database,
  overrideVariable,
  portNames,
  services,
} from "./processes.js";
import { renderTable } from "./table.js";

/** Renders what `--help` prints. */
export function renderHelp(): string {
  const ports = services.flatMap((service) =>
    portNames.map((port) => [
      overrideVariable(service.name, port),
      String(service.ports[port]),
      describePort[port],
    ]),
  );
  const table = renderTable([
    ["variable", "default", "what it is"],
    ...ports,
    ["DB_PORT", String(database.port), "embedded database"],
    ["DB_HOST", database.host, "address on which it listens"],
    ["DATA_DIR", ".data", "where the embedded database keeps its data"],
    ["MONGODB_URI", "", "a database of your own; no embedded one is started"],
    ["HOST", "127.0.0.1", "address on which all services listen"],
    ["FAULT_INJECTION", "true", "revert-name fails on demand"],
    ["LOG_LEVEL", "info", "of all services"],
    ["SHUTDOWN_GRACE_MS", "1500", "time a service has to finish its calls"],
    ...services.map(({ name, urlVariable }) => [
      urlVariable,
      "",
      `where the others find ${name}; follows its port`,
    ]),
    ["PROMETHEUS_PORT", "9090", "Prometheus, with --observe"],
    ["GRAFANA_PORT", "3000", "Grafana, with --observe"],
    ["NO_COLOR, FORCE_COLOR", "", "without, and with colours"],
  ]);
  return [
    "npm start: runs the database, three services and their workers until Ctrl-C.",
    "",
    "Logs go to standard output: readable on a terminal, JSON lines otherwise.",
    "What the launcher itself has to say goes to standard error.",
    "",
    "--observe runs Prometheus and Grafana next to it, where they are on PATH:",
    "npm start -- --observe",
    "",
    ...table.map((line) => `  ${line}`),
    "",
    "A process that dies is started again; one that dies five times within a",
    "minute ends everything. Exit code 0 after Ctrl-C or SIGTERM, 1 on failure.",
    "",
  ].join("\n");
}

const describePort = {
  PORT: "every protocol, REST and health",
  GRPC_PORT: "the same under its gRPC address",
  METRICS_PORT: "metrics and health of the server",
  WORKER_METRICS_PORT: "metrics and health of the worker",
} as const;
