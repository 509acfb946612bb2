import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derivePrometheusConfig } from "@both-ends/launcher";
import { freePorts, waitFor } from "@both-ends/testing";
import { root, type System } from "./use-system.js";

/** A series of an answer: its labels, its values in time. */
export interface ProofSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

/** A rule as Prometheus knows it. */
export interface LoadedRule {
  readonly name: string;
  readonly type: "recording" | "alerting";
  readonly query: string;
  /** `ok`, or not yet evaluated, or failed. */
  readonly health: string;
  /** `inactive`, `pending` or `firing`; for a recording rule, empty. */
  readonly state: string;
  /** What its first alert says; else empty. */
  readonly summary: string;
}

/** A real Prometheus that scrapes the system. */
export interface ProofPrometheus {
  /** Evaluates a query now, or from a time on until now, every five seconds. */
  query(expr: string, sinceMs?: number): Promise<ProofSeries[]>;
  /** The values of a label among these series. */
  labelValues(label: string, series: string): Promise<string[]>;
  rules(): Promise<LoadedRule[]>;
  /** Takes a job's target away, as service discovery does. */
  lose(job: string): Promise<void>;
  /** Gives all targets back. */
  findAll(): Promise<void>;
  stop(): Promise<void>;
}

/** How {@link startPrometheus} differs from the containers' Prometheus. */
export interface ProofPrometheusOptions {
  system: System;
  /** Jobs besides those of `prometheus.yml`, as `host:port`. */
  more?: Readonly<Record<string, string>>;
  /** By default, those of the repository. */
  ruleFiles?: readonly string[];
  /** How often it scrapes and evaluates. By default, 1,000. */
  intervalMs?: number;
}

/**
 * Starts a Prometheus with the repository's configuration, and waits until it
 * has scraped every target.
 */
export async function startPrometheus(
  options: ProofPrometheusOptions,
): Promise<ProofPrometheus> {
  const { system, more = {}, intervalMs = 1000 } = options;
  const { ruleFiles = [join(root, "prometheus/rules/*.yml")] } = options;
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const targets = { ...systemTargets(system), prometheus: address, ...more };
  const folder = await mkdtemp(join(tmpdir(), "both-ends-proof-"));
  const config = join(folder, "prometheus.yml");
  const text = await readFile(join(root, "prometheus.yml"), "utf8");
  const derived = derivePrometheusConfig(text, {
    targets,
    intervalMs,
    ruleFiles,
  });
  await writeFile(config, derived);
  const child = spawn(
    "prometheus",
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
      "--log.level=error",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  const exited = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      said += error.message;
      resolve();
    });
    child.once("exit", () => resolve());
  });
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await exited;
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  };
  const reload = async (text: string) => {
    await writeFile(config, text);
    child.kill("SIGHUP");
  };
  const prometheus: ProofPrometheus = {
    ...createApi(`http://${address}/api/v1`),
    lose: (job) =>
      reload(
        derived.replace(
          new RegExp(`(job_name: ${job}\\n.*\\n.*targets: )\\[.*\\]`),
          "$1[]",
        ),
      ),
    findAll: () => reload(derived),
    stop,
  };
  try {
    await waitFor(
      "Prometheus to have scraped every target",
      async () => {
        if (child.exitCode !== null) {
          throw new Error(`prometheus ended: ${said}`);
        }
        const up = await prometheus.query("up == 1");
        return up.length === Object.keys(targets).length;
      },
      { timeoutMs: 30_000, intervalMs: 100 },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return prometheus;
}

/** Where each process of the system gives its metrics, by scrape job. */
function systemTargets(system: System): Record<string, string> {
  return Object.fromEntries(
    Object.entries(system.services).flatMap(([name, addresses]) => [
      [name, addresses.metrics],
      [`${name}-worker`, addresses.workerMetrics],
    ]),
  );
}

interface Answer<T> {
  status: string;
  error?: string;
  data: T;
}

interface RuleData extends Omit<LoadedRule, "state" | "summary"> {
  state?: string;
  alerts?: { annotations: Record<string, string> }[];
}

interface QueryData {
  result: {
    metric: Record<string, string>;
    value?: [number, string];
    values?: [number, string][];
  }[];
}

function createApi(
  url: string,
): Pick<ProofPrometheus, "query" | "labelValues" | "rules"> {
  async function ask<T>(
    path: string,
    parameters: Record<string, string> = {},
  ): Promise<T> {
    const res = await fetch(
      `${url}/${path}?${new URLSearchParams(parameters)}`,
      {
        signal: AbortSignal.timeout(20_000),
      },
    );
    // The shapes are those of Prometheus' HTTP API.
    const answer = (await res.json()) as Answer<T>;
    if (answer.status !== "success") {
      throw new Error(`${answer.error}: ${parameters.query ?? path}`);
    }
    return answer.data;
  }
  return {
    async query(expr, sinceMs) {
      const end = Date.now() / 1000;
      const { result } =
        sinceMs === undefined
          ? await ask<QueryData>("query", { query: expr })
          : await ask<QueryData>("query_range", {
              query: expr,
              start: String(sinceMs / 1000),
              end: String(end),
              step: "5",
            });
      return result.map(({ metric, value, values }) => ({
        labels: metric,
        values: (values ?? (value ? [value] : [])).map(([, text]) =>
          Number(text),
        ),
      }));
    },
    labelValues: (label, series) =>
      ask(`label/${label}/values`, { "match[]": series }),
    async rules() {
      const { groups } = await ask<{
        groups: { rules: RuleData[] }[];
      }>("rules");
      return groups.flatMap(({ rules }) =>
        rules.map(({ state = "", alerts = [], ...rule }) => ({
          ...rule,
          state,
          summary: alerts[0]?.annotations.summary ?? "",
        })),
      );
    },
  };
}
