import type { PortName } from "@both-ends/launcher";
import type { ServiceNames } from "./service-names.js";

/** A text that a file gets in front of a line. */
export interface Insertion {
  /** The file, from the root of the repository. */
  readonly file: string;
  /** How the line begins. No other line of the file does. */
  readonly before: string;
  readonly text: string;
}

/** What the files that list all services get for a new one. */
export function insertions(
  names: ServiceNames,
  ports: Readonly<Record<PortName, number>>,
): readonly Insertion[] {
  return [
    {
      file: "packages/launcher/src/processes.ts",
      before: "] as const satisfies readonly ServiceDefinition[];",
      text: launcherEntry(names, ports),
    },
    {
      file: "docker-compose.yml",
      before: "  # --- Prometheus -",
      text: containers(names, ports),
    },
    // In front of those that are there: the last has no comma behind it.
    {
      file: "docker-compose.yml",
      before: "    time=8010,",
      text: `    ${names.kebab}=${ports.PORT},\n`,
    },
    {
      file: "docker-compose.yml",
      before: "        edge-worker=http://edge-worker:9994/metrics,",
      text: metricsTargets(names, ports),
    },
    {
      file: "prometheus.yml",
      before: "  # --- Prometheus itself -",
      text: scrapeJobs(names, ports),
    },
  ];
}

/** The comment above a section, as wide as its file has it. */
function ruler(title: string, width: number): string {
  return `  # --- ${title} `.padEnd(width, "-");
}

function launcherEntry(
  { kebab, upper }: ServiceNames,
  ports: Readonly<Record<PortName, number>>,
): string {
  return `  {
    name: "${kebab}",
    ports: {
      PORT: ${ports.PORT},
      GRPC_PORT: ${ports.GRPC_PORT},
      METRICS_PORT: ${ports.METRICS_PORT},
      WORKER_METRICS_PORT: ${ports.WORKER_METRICS_PORT},
    },
    urlVariable: "${upper}_URL",
    stopStage: 2,
  },
`;
}

function containers(
  { kebab }: ServiceNames,
  ports: Readonly<Record<PortName, number>>,
): string {
  return `${ruler(kebab, 82)}
  ${kebab}:
    <<: *process
    command: [services/${kebab}/dist/main.js, server]
    environment:
      <<: *environment
      PORT: ${ports.PORT}
      GRPC_PORT: ${ports.GRPC_PORT}
      METRICS_PORT: ${ports.METRICS_PORT}
      METRICS_TARGETS: ${kebab}-worker=http://${kebab}-worker:${ports.WORKER_METRICS_PORT}/metrics
    ports:
      - 127.0.0.1:${ports.PORT}:${ports.PORT}
      - 127.0.0.1:${ports.GRPC_PORT}:${ports.GRPC_PORT}
      - 127.0.0.1:${ports.METRICS_PORT}:${ports.METRICS_PORT}
    depends_on:
      mongo: { condition: service_healthy }

  ${kebab}-worker:
    <<: *process
    command: [services/${kebab}/dist/main.js, worker]
    environment:
      <<: *environment
      WORKER_METRICS_PORT: ${ports.WORKER_METRICS_PORT}
    ports:
      - 127.0.0.1:${ports.WORKER_METRICS_PORT}:${ports.WORKER_METRICS_PORT}
    depends_on:
      mongo: { condition: service_healthy }
      edge: { condition: service_healthy }

`;
}

function metricsTargets(
  { kebab }: ServiceNames,
  ports: Readonly<Record<PortName, number>>,
): string {
  return `        ${kebab}=http://${kebab}:${ports.METRICS_PORT}/metrics,
        ${kebab}-worker=http://${kebab}-worker:${ports.WORKER_METRICS_PORT}/metrics,
`;
}

function scrapeJobs(
  { kebab }: ServiceNames,
  ports: Readonly<Record<PortName, number>>,
): string {
  const job = (name: string, port: number) => `  - job_name: ${name}
    dns_sd_configs:
      - names: [${name}]
        type: A
        port: ${port}
        refresh_interval: 5s

`;
  return [
    `${ruler(kebab, 78)}\n`,
    job(kebab, ports.METRICS_PORT),
    job(`${kebab}-worker`, ports.WORKER_METRICS_PORT),
  ].join("");
}
