import { readPort, toUrlHost } from "./plan-values.js";
import {
  database,
  overrideVariable,
  type PortName,
  portNames,
  type ServiceDefinition,
  type ServiceName,
  type StopStage,
  serviceProgram,
  services,
} from "./processes.js";

/** A process to be run and kept running. */
export interface ProcessPlan {
  /** `time`, `time-worker`, … or `database`. */
  readonly name: string;
  /** The program, relative to the root of the repository. */
  readonly program: string;
  readonly args: readonly string[];
  readonly role: "database" | "server" | "worker" | "observer";
  /** What is added to the launcher's own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it says whether it is ready. The database has none. */
  readonly readyUrl?: string;
  readonly stopStage: StopStage;
}

/** A port that must be free, who needs it, and how to choose another. */
export interface PlannedPort {
  readonly port: number;
  readonly host: string;
  readonly owner: string;
  readonly variable: string;
}

/** A service with the ports that it really gets. */
export interface ServicePlan {
  readonly name: ServiceName;
  readonly ports: Readonly<Record<PortName, number>>;
}

/** A program that looks at the services, and where people find it. */
export interface ObserverPlan {
  readonly name: string;
  readonly url: string;
}

/** Everything that one start runs. */
export interface Plan {
  /** The database process. Absent when `MONGODB_URI` names a database. */
  readonly database?: ProcessPlan;
  /** Where the services find their database. May hold credentials. */
  readonly mongodbUri: string;
  /** Servers and workers, servers first. */
  readonly processes: readonly ProcessPlan[];
  readonly services: readonly ServicePlan[];
  /** What looks at the services. By default, nothing does. */
  readonly observers?: readonly ObserverPlan[];
  /** What could not be had, in words. By default, nothing. */
  readonly notes?: readonly string[];
  readonly ports: readonly PlannedPort[];
  /** The host under which this machine reaches the services, for a URL. */
  readonly urlHost: string;
}

/** The flag by which a process ends when its launcher is no more. */
const exitWithStdin = "--exit-with-stdin";

/**
 * Decides what to run from the launcher's environment. Throws an error that
 * names every wrong value at once.
 */
export function planProcesses(env: NodeJS.ProcessEnv): Plan {
  const mistakes: string[] = [];
  const host = env.HOST || "127.0.0.1";
  const urlHost = toUrlHost(host);
  const plans = services.map((service): ServicePlan => {
    const port = (name: PortName) =>
      readPort(
        env,
        overrideVariable(service.name, name),
        service.ports[name],
        mistakes,
      );
    return {
      name: service.name,
      ports: {
        PORT: port("PORT"),
        GRPC_PORT: port("GRPC_PORT"),
        METRICS_PORT: port("METRICS_PORT"),
        WORKER_METRICS_PORT: port("WORKER_METRICS_PORT"),
      },
    };
  });
  const embedded = env.MONGODB_URI ? undefined : planDatabase(env, mistakes);
  const ports = [
    ...(embedded ? [embedded.port] : []),
    ...plans.flatMap((service) => servicePorts(service, host)),
  ];
  mistakes.push(...sharedPorts(ports));
  if (mistakes.length > 0) {
    throw new Error(mistakes.join("; "));
  }
  const mongodbUri = embedded?.uri ?? env.MONGODB_URI ?? "";
  const shared = sharedEnvironment(env, plans, { host, urlHost, mongodbUri });
  return {
    database: embedded?.process,
    mongodbUri,
    processes: planServices(plans, shared, urlHost),
    services: plans,
    ports,
    urlHost,
  };
}

function planDatabase(env: NodeJS.ProcessEnv, mistakes: string[]) {
  const host = env.DB_HOST || database.host;
  const port = readPort(env, "DB_PORT", database.port, mistakes);
  const process: ProcessPlan = {
    name: "database",
    program: database.program,
    args: [exitWithStdin],
    role: "database",
    env: { DB_HOST: host, DB_PORT: String(port) },
    stopStage: database.stopStage,
  };
  return {
    process,
    uri: `mongodb://${toUrlHost(host)}:${port}`,
    port: { port, host, owner: "database", variable: "DB_PORT" },
  };
}

function planServices(
  plans: readonly ServicePlan[],
  shared: Readonly<Record<string, string>>,
  urlHost: string,
): ProcessPlan[] {
  const process = (
    service: ServicePlan,
    role: "server" | "worker",
    stopStage: StopStage,
  ): ProcessPlan => {
    const { ports } = service;
    const ready =
      role === "server" ? ports.METRICS_PORT : ports.WORKER_METRICS_PORT;
    return {
      name: role === "server" ? service.name : `${service.name}-worker`,
      program: serviceProgram(service.name),
      args: [role, exitWithStdin],
      role,
      env: {
        ...shared,
        ...Object.fromEntries(
          portNames.map((name) => [name, String(ports[name])]),
        ),
        // The console of edge shows all processes.
        ...(role === "server" &&
          service.name === "edge" && {
            METRICS_TARGETS: metricsTargets(plans, urlHost),
          }),
      },
      readyUrl: `http://${urlHost}:${ready}/readyz`,
      stopStage,
    };
  };
  const stage = (service: ServicePlan): StopStage =>
    definition(service.name).stopStage;
  return [
    ...plans.map((service) => process(service, "server", stage(service))),
    ...plans.map((service) => process(service, "worker", 0)),
  ];
}

/** All processes but the server of edge, as its console takes them. */
function metricsTargets(
  plans: readonly ServicePlan[],
  urlHost: string,
): string {
  return plans
    .flatMap(({ name, ports }) => [
      [name, ports.METRICS_PORT],
      [`${name}-worker`, ports.WORKER_METRICS_PORT],
    ])
    .filter(([name]) => name !== "edge")
    .map(([name, port]) => `${name}=http://${urlHost}:${port}/metrics`)
    .join(",");
}

/** What every service process gets, whichever it is. */
function sharedEnvironment(
  env: NodeJS.ProcessEnv,
  plans: readonly ServicePlan[],
  where: { host: string; urlHost: string; mongodbUri: string },
): Record<string, string> {
  const urls = plans.map(({ name, ports }) => {
    const variable = definition(name).urlVariable;
    return [variable, env[variable] || `http://${where.urlHost}:${ports.PORT}`];
  });
  return {
    ...Object.fromEntries(urls),
    CONSOLES: plans.map(({ name, ports }) => `${name}=${ports.PORT}`).join(","),
    HOST: where.host,
    MONGODB_URI: where.mongodbUri,
    FAULT_INJECTION: env.FAULT_INJECTION || "true",
    // Shorter than the time in which the launcher ends everything.
    SHUTDOWN_GRACE_MS: env.SHUTDOWN_GRACE_MS || "1500",
  };
}

function definition(name: ServiceName): ServiceDefinition {
  const found = services.find((service) => service.name === name);
  if (found === undefined) {
    throw new Error(`no service is named ${name}`);
  }
  return found;
}

function servicePorts(service: ServicePlan, host: string): PlannedPort[] {
  return portNames.map((name) => ({
    port: service.ports[name],
    host,
    owner:
      name === "WORKER_METRICS_PORT" ? `${service.name}-worker` : service.name,
    variable: overrideVariable(service.name, name),
  }));
}

function sharedPorts(ports: readonly PlannedPort[]): string[] {
  const variables = new Map<number, string[]>();
  for (const { port, variable } of ports) {
    variables.set(port, [...(variables.get(port) ?? []), variable]);
  }
  return [...variables]
    .filter(([, sharing]) => sharing.length > 1)
    .map(([port, sharing]) => `${sharing.join(" and ")} are both ${port}`);
}
