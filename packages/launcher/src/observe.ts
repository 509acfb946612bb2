import { mkdir, readFile, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { findGrafanaHome, findProgram } from "./find-program.js";
import type { ObserverPlan, Plan, PlannedPort, ProcessPlan } from "./plan.js";
import { readPort, toUrlHost } from "./plan-values.js";
import { derivePrometheusConfig } from "./prometheus-config.js";

/** What `--observe` adds to a plan. */
export interface Observation {
  readonly processes: readonly ProcessPlan[];
  readonly ports: readonly PlannedPort[];
  readonly observers: readonly ObserverPlan[];
  /** What is not on this machine, and how to get it. */
  readonly notes: readonly string[];
}

const program = "packages/launcher/dist/tool-process.js";
const host = "127.0.0.1";

/**
 * Plans a Prometheus with the configuration of the containers, and a Grafana
 * with their dashboards, as far as the programs are on PATH. Their files and
 * data lie in `observe` under `DATA_DIR`.
 */
export async function planObservation(
  root: string,
  env: NodeJS.ProcessEnv,
  plan: Plan,
): Promise<Observation> {
  const dataDir = env.DATA_DIR || ".data";
  const folder = join(
    isAbsolute(dataDir) ? dataDir : join(root, dataDir),
    "observe",
  );
  const mistakes: string[] = [];
  const port = readPort(env, "PROMETHEUS_PORT", 9090, mistakes);
  const grafanaPort = readPort(env, "GRAFANA_PORT", 3000, mistakes);
  if (mistakes.length > 0) {
    throw new Error(mistakes.join("; "));
  }
  const prometheus = findProgram("prometheus", env);
  if (prometheus === undefined) {
    const note =
      "Prometheus is not on PATH, so nothing observes: apt-get install prometheus, or https://prometheus.io/download";
    return { processes: [], ports: [], observers: [], notes: [note] };
  }
  const place = { root, folder, env };
  const first = await planPrometheus(prometheus, plan, port, place);
  const second = await planGrafana(
    `http://${host}:${port}`,
    grafanaPort,
    place,
  );
  return {
    processes: [first.process, ...(second ? [second.process] : [])],
    ports: [first.port, ...(second ? [second.port] : [])],
    observers: [first.observer, ...(second ? [second.observer] : [])],
    notes: second
      ? []
      : [
          "Grafana is not on PATH, so there are no dashboards: https://grafana.com/grafana/download, or docker compose up",
        ],
  };
}

interface Place {
  readonly root: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

interface Observer {
  readonly process: ProcessPlan;
  readonly port: PlannedPort;
  readonly observer: ObserverPlan;
}

async function planPrometheus(
  command: string,
  plan: Plan,
  port: number,
  { root, folder, env }: Place,
): Promise<Observer> {
  const config = join(folder, "prometheus.yml");
  const token = join(folder, "metrics-token");
  const text = await readFile(join(root, "prometheus.yml"), "utf8");
  const address = `${host}:${port}`;
  await mkdir(folder, { recursive: true });
  if (env.METRICS_TOKEN) {
    await writeFile(token, env.METRICS_TOKEN, { mode: 0o600 });
  }
  await writeFile(
    config,
    derivePrometheusConfig(text, {
      targets: { ...listTargets(plan), prometheus: address },
      ruleFiles: [join(root, "prometheus/rules/*.yml")],
      tokenFile: env.METRICS_TOKEN ? token : undefined,
    }),
  );
  return createObserver("prometheus", port, "PROMETHEUS_PORT", [
    command,
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, "prometheus")}`,
    "--storage.tsdb.retention.time=15d",
    `--web.listen-address=${address}`,
    "--log.level=warn",
    "--log.format=json",
  ]);
}

async function planGrafana(
  prometheusUrl: string,
  port: number,
  { root, folder, env }: Place,
): Promise<Observer | undefined> {
  const command = findProgram("grafana", env);
  const home = command && findGrafanaHome(command, env);
  if (command === undefined || home === undefined) {
    return undefined;
  }
  const provisioning = join(root, "grafana/provisioning");
  const own = join(folder, "grafana-provisioning");
  for (const [file, from, to] of [
    ["datasources/prometheus.yml", "http://prometheus:9090", prometheusUrl],
    [
      "dashboards/dashboards.yml",
      "/etc/grafana/provisioning/dashboards",
      join(provisioning, "dashboards"),
    ],
  ] as const) {
    const text = await readFile(join(provisioning, file), "utf8");
    await mkdir(join(own, file, ".."), { recursive: true });
    await writeFile(
      join(own, file),
      text.replace(from, () => to),
    );
  }
  const observer = createObserver("grafana", port, "GRAFANA_PORT", [
    command,
    "server",
    `--homepath=${home}`,
  ]);
  const variables = {
    GF_SERVER_HTTP_ADDR: host,
    GF_SERVER_HTTP_PORT: String(port),
    GF_PATHS_DATA: join(folder, "grafana"),
    GF_PATHS_LOGS: join(folder, "grafana/log"),
    GF_PATHS_PLUGINS: join(folder, "grafana/plugins"),
    GF_PATHS_PROVISIONING: own,
    GF_LOG_MODE: "console",
    GF_LOG_LEVEL: "warn",
    // Only this machine reaches it.
    GF_AUTH_ANONYMOUS_ENABLED: "true",
    GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
    GF_PLUGINS_PREINSTALL_DISABLED: "true",
    GF_ANALYTICS_REPORTING_ENABLED: "false",
    GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
  };
  return { ...observer, process: { ...observer.process, env: variables } };
}

function createObserver(
  name: string,
  port: number,
  variable: string,
  args: readonly string[],
): Observer {
  return {
    // Ends with the workers: it calls the servers, too.
    process: { name, program, args, role: "observer", env: {}, stopStage: 0 },
    port: { port, host, owner: name, variable },
    observer: { name, url: `http://${toUrlHost(host)}:${port}` },
  };
}

function listTargets({ services, urlHost }: Plan): Record<string, string> {
  return Object.fromEntries(
    services.flatMap(({ name, ports }) => [
      [name, `${urlHost}:${ports.METRICS_PORT}`],
      [`${name}-worker`, `${urlHost}:${ports.WORKER_METRICS_PORT}`],
    ]),
  );
}
