import { randomInt } from "node:crypto";
import {
  asksForFault,
  type FaultName,
  faultNames,
  plainNames,
} from "./faults.js";
import { isLoopback } from "./loopback.js";
import type { Progress } from "./progress.js";
import {
  listRoutes,
  type MethodName,
  methodNames,
  type ProtocolName,
  protocolNames,
  type Route,
  type TargetName,
  targetNames,
} from "./routes.js";

/** What a load is made of, and how long it goes on. */
export interface TortureOptions {
  /**
   * Where the services are. By default, `http://127.0.0.1:8012` (edge), `8011`
   * (revert-name) and `8010` (time).
   */
  targets?: Partial<Record<TargetName, string>>;
  /**
   * Hosts besides this machine that may be called, as `host` or `host:port`.
   * By default, none.
   */
  allowRemote?: readonly string[];
  /**
   * Calls begun per second, whether those before have ended or not (an open
   * loop). By default, `concurrency` sets the pace.
   */
  rate?: number;
  /** Callers that each call again when they are answered. By default, 8. */
  concurrency?: number;
  /** When to stop. By default, 10,000 ms unless `calls` is given. */
  durationMs?: number;
  /** How many calls to make at most. By default, only time is a bound. */
  calls?: number;
  /** How long a call may take. By default, 5,000 ms. */
  timeoutMs?: number;
  /** The ways in. By default, all four. */
  protocols?: readonly ProtocolName[];
  /** The methods. By default, all six. */
  methods?: readonly MethodName[];
  /** Names that are reversed. By default, ten. */
  names?: readonly string[];
  /** Names that fail on purpose. By default, all 18. */
  faults?: readonly FaultName[];
  /**
   * How many of the calls that carry names ask for a fault, from 0 to 1. By
   * default, 0.1.
   */
  faultRatio?: number;
  /** Names or beats that a stream carries. By default, 3. */
  messages?: number;
  /** Ticks after which a watcher of the time leaves. By default, 2. */
  ticks?: number;
  /** Time between two ticks. By default, 250 ms. */
  tickIntervalMs?: number;
  /** HTTP/2 connections to each target. By default, 4. */
  connections?: number;
  /**
   * Calls in flight in an open loop; those beyond are dropped, and counted. By
   * default, 500.
   */
  maxOutstanding?: number;
  /** Makes the sequence of calls repeatable. By default, a random number. */
  seed?: number;
  /** Bearer token of heartbeats. By default, none is shown. */
  heartbeatToken?: string;
  /**
   * The service whose heart the beats are, which edge then knows and misses
   * when they stop. By default, the beats have no name and none is stored.
   */
  beatAs?: string;
  /** Ends the load early; calls in flight go on to their end. */
  signal?: AbortSignal;
  /** Is told how the run goes, once a second. */
  onProgress?: (progress: Progress) => void;
}

/** An OptionError is raised if options of a load are wrong, or contradict. */
export class OptionError extends Error {
  override name = "OptionError";
}

/** Options with their defaults. */
export interface Settings extends RequiredOptions {
  targets: Record<TargetName, string>;
  rate: number | undefined;
  durationMs: number | undefined;
  calls: number | undefined;
  heartbeatToken: string | undefined;
  beatAs: string | undefined;
  routes: readonly Route[];
}

type RequiredOptions = Required<
  Pick<
    TortureOptions,
    | "concurrency"
    | "timeoutMs"
    | "names"
    | "faults"
    | "faultRatio"
    | "messages"
    | "ticks"
    | "tickIntervalMs"
    | "connections"
    | "maxOutstanding"
    | "seed"
  >
>;

/** Fills in the defaults. Throws an {@link OptionError} for what is wrong. */
export function resolveOptions(options: TortureOptions): Settings {
  const { methods = methodNames, protocols = protocolNames } = options;
  const routes = listRoutes([...new Set(methods)], [...new Set(protocols)]);
  if (routes.length === 0) {
    throw new OptionError(
      `nothing to call: ${methods.join(", ") || "no method"} over ${protocols.join(", ") || "no protocol"}`,
    );
  }
  if (options.rate !== undefined && options.concurrency !== undefined) {
    throw new OptionError(
      "rate and concurrency exclude each other: an open loop does not wait",
    );
  }
  const timed =
    options.durationMs ?? (options.calls === undefined ? 10_000 : undefined);
  const settings: Settings = {
    targets: resolveTargets(options),
    rate: options.rate,
    concurrency: options.concurrency ?? 8,
    durationMs: timed,
    calls: options.calls,
    timeoutMs: options.timeoutMs ?? 5_000,
    names: options.names ?? plainNames,
    faults: options.faults ?? faultNames,
    faultRatio: options.faultRatio ?? 0.1,
    messages: options.messages ?? 3,
    ticks: options.ticks ?? 2,
    tickIntervalMs: options.tickIntervalMs ?? 250,
    connections: options.connections ?? 4,
    maxOutstanding: options.maxOutstanding ?? 500,
    seed: options.seed ?? randomInt(2 ** 32),
    heartbeatToken: options.heartbeatToken,
    beatAs: options.beatAs,
    routes,
  };
  checkNumbers(settings);
  checkNames(settings);
  return settings;
}

const defaultTargets: Record<TargetName, string> = {
  edge: "http://127.0.0.1:8012",
  "revert-name": "http://127.0.0.1:8011",
  time: "http://127.0.0.1:8010",
};

function resolveTargets(options: TortureOptions): Record<TargetName, string> {
  const { allowRemote = [] } = options;
  const targets = { ...defaultTargets, ...options.targets };
  for (const name of targetNames) {
    const url = targets[name];
    if (!URL.canParse(url) || !/^https?:/.test(url)) {
      throw new OptionError(`${name} is no http or https URL: ${url}`);
    }
    const { host, hostname } = new URL(url);
    const allowed =
      allowRemote.includes(host) || allowRemote.includes(hostname);
    if (!isLoopback(url) && !allowed) {
      throw new OptionError(
        `${name} is not on this machine: ${url}; a load on ${hostname} must be allowed by that name (--allow-remote ${hostname})`,
      );
    }
  }
  return targets;
}

/** Bounds of each number: a wrong one must not take the machine down. */
const bounds = {
  rate: { min: 0.001, max: 100_000 },
  concurrency: { min: 1, max: 10_000, whole: true },
  durationMs: { min: 1, max: 7 * 86_400_000 },
  calls: { min: 1, max: 1e9, whole: true },
  timeoutMs: { min: 1, max: 3_600_000 },
  faultRatio: { min: 0, max: 1 },
  messages: { min: 1, max: 10_000, whole: true },
  ticks: { min: 1, max: 10_000, whole: true },
  // What the service takes.
  tickIntervalMs: { min: 100, max: 60_000 },
  connections: { min: 1, max: 1_000, whole: true },
  maxOutstanding: { min: 1, max: 10_000, whole: true },
  seed: { min: 0, max: 2 ** 32 - 1, whole: true },
} as const satisfies Partial<
  Record<keyof Settings, { min: number; max: number; whole?: true }>
>;

function checkNumbers(settings: Settings): void {
  for (const [key, bound] of Object.entries(bounds)) {
    // Object.entries() types the keys of every object as strings.
    const value = settings[key as keyof typeof bounds];
    if (value === undefined) {
      continue;
    }
    const { min, max } = bound;
    // Negated, so that NaN is refused too.
    if (!(value >= min && value <= max)) {
      throw new OptionError(`${key} must be from ${min} to ${max}: ${value}`);
    }
    if ("whole" in bound && !Number.isInteger(value)) {
      throw new OptionError(`${key} must be a whole number: ${value}`);
    }
  }
}

function checkNames({ names, faults }: Settings): void {
  if (names.length === 0 || faults.length === 0) {
    throw new OptionError("names and faults must not be empty");
  }
  for (const name of names) {
    const { length } = [...name];
    if (length < 1 || length > 1_024) {
      throw new OptionError(
        `a name must have 1 to 1,024 characters: ${length}`,
      );
    }
    if (asksForFault(name)) {
      throw new OptionError(`the name ${name} asks for a fault`);
    }
  }
}
