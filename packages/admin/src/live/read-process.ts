import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Registry } from "prom-client";
import { type MetricValue, parseExposition } from "./exposition.js";
import { isSampled, sampledMetrics } from "./process-sample.js";

/** Reads the values of a process now. Throws if it does not answer. */
export type ReadProcess = (signal: AbortSignal) => Promise<MetricValue[]>;

/**
 * Reads this process from its own registry, but for what prom-client measures
 * at a scrape of all metrics alone, and forgets then: that is measured here,
 * and nothing is taken from whoever scrapes.
 */
export function createOwnReader(registry: Registry): ReadProcess {
  const delay = monitorEventLoopDelay();
  delay.enable();
  return async () => {
    const { user, system } = process.cpuUsage();
    const measured = new Map([
      ["process_cpu_seconds_total", (user + system) / 1e6],
      ["nodejs_eventloop_lag_p99_seconds", delay.percentile(99) / 1e9],
    ]);
    delay.reset();
    const values: MetricValue[] = [];
    for (const [name, value] of measured) {
      values.push({ name, labels: {}, value });
    }
    for (const name of sampledMetrics) {
      if (measured.has(name)) {
        continue;
      }
      // The declared type lacks get(), which every metric has.
      const metric = registry.getSingleMetric(name) as
        | { get(): Promise<OwnMetric> }
        | undefined;
      for (const value of (await metric?.get())?.values ?? []) {
        values.push({
          name: value.metricName ?? name,
          labels: toText(value.labels),
          value: value.value,
        });
      }
    }
    return values;
  };
}

/** The form in which prom-client gives a metric. */
interface OwnMetric {
  readonly values: readonly {
    readonly metricName?: string;
    readonly labels: Readonly<Record<string, string | number | undefined>>;
    readonly value: number;
  }[];
}

function toText(
  labels: Readonly<Record<string, string | number | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      name,
      value === Number.POSITIVE_INFINITY ? "+Inf" : String(value ?? ""),
    ]),
  );
}

/** How another process is read. */
export interface RemoteReaderOptions {
  /** Where its metrics are. */
  readonly url: string;
  /** The bearer token that it asks for. By default, none. */
  readonly token?: string | undefined;
  /** Longest answer that is read. By default, 2 MiB. */
  readonly maxBytes?: number;
}

/** Reads another process over HTTP, from its metrics port. */
export function createRemoteReader(options: RemoteReaderOptions): ReadProcess {
  const { url, token, maxBytes = 2 * 1024 * 1024 } = options;
  const headers = new Headers();
  if (token !== undefined) {
    headers.set("authorization", `Bearer ${token}`);
  }
  return async (signal) => {
    const response = await fetch(url, { headers, signal, redirect: "error" });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`answers with status ${response.status}`);
    }
    return parseExposition(await readText(response.body, maxBytes), isSampled);
  };
}

async function readText(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new Error(`answers with more than ${maxBytes} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
