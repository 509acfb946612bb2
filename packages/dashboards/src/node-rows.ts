import type { PanelSpec, RowSpec } from "./panel-spec.js";

const chosen = 'job=~"$job"';

/** A panel with one line per process. */
function perJob(
  spec: Omit<PanelSpec, "kind" | "queries" | "width"> & {
    expr: string;
    legend?: string;
  },
): PanelSpec {
  const { expr, legend = "{{job}} {{instance}}", ...rest } = spec;
  const queries = [{ expr, legend }];
  return { kind: "time series", width: 8, min: 0, queries, ...rest };
}

/** The row about the event loop and the collector. */
export function createEventLoop(): RowSpec {
  return {
    title: "Event loop",
    panels: [
      perJob({
        title: "Event loop lag p99",
        description:
          "99 of 100 timers since the last scrape were no later. It includes the 10 ms of the timer that measures it: 0.01 is none.",
        unit: "s",
        expr: `nodejs_eventloop_lag_p99_seconds{${chosen}}`,
      }),
      perJob({
        title: "Event loop lag, longest",
        description:
          "The longest time since the last scrape in which nothing else could run.",
        unit: "s",
        expr: `nodejs_eventloop_lag_max_seconds{${chosen}}`,
      }),
      perJob({
        title: "Event loop lag, mean",
        description: "The mean lag since the last scrape.",
        unit: "s",
        expr: `nodejs_eventloop_lag_mean_seconds{${chosen}}`,
      }),
      perJob({
        title: "Time in garbage collection",
        description:
          "Share of time in which the collector held the process up.",
        unit: "percentunit",
        expr: `sum by (job, instance) (rate(nodejs_gc_duration_seconds_sum{${chosen}}[$__rate_interval]))`,
      }),
      perJob({
        title: "Garbage collections by kind",
        description:
          "Collections per second. Minor ones are cheap; many major ones mean that the heap is short.",
        unit: "ops",
        expr: `sum by (kind) (rate(nodejs_gc_duration_seconds_count{${chosen}}[$__rate_interval]))`,
        legend: "{{kind}}",
      }),
      perJob({
        title: "Open resources by type",
        description:
          "What keeps the event loop busy: sockets, servers, timers. A line that only rises is a leak.",
        unit: "short",
        expr: `sum by (type) (nodejs_active_resources{${chosen}})`,
        legend: "{{type}}",
      }),
    ],
  };
}

/** The row about memory and file descriptors. */
export function createMemory(): RowSpec {
  return {
    title: "Memory",
    panels: [
      perJob({
        title: "Resident memory",
        description: "What the process takes of the machine's memory.",
        unit: "bytes",
        expr: `process_resident_memory_bytes{${chosen}}`,
      }),
      perJob({
        title: "Heap used",
        description:
          "JavaScript objects, alive or not yet collected. The lower edge of the saw tooth is what is alive.",
        unit: "bytes",
        expr: `nodejs_heap_size_used_bytes{${chosen}}`,
      }),
      perJob({
        title: "Heap held",
        description: "What the engine has reserved for objects.",
        unit: "bytes",
        expr: `nodejs_heap_size_total_bytes{${chosen}}`,
      }),
      perJob({
        title: "Heap used by space",
        description: "Where objects are: new, old, large, code.",
        unit: "bytes",
        expr: `sum by (space) (nodejs_heap_space_size_used_bytes{${chosen}})`,
        legend: "{{space}}",
      }),
      perJob({
        title: "External memory",
        description: "Buffers outside of the heap.",
        unit: "bytes",
        expr: `nodejs_external_memory_bytes{${chosen}}`,
      }),
      perJob({
        title: "File descriptors",
        description:
          "Share of the file descriptors in use that the process may have. At 1 no connection is accepted.",
        unit: "percentunit",
        expr: `process_open_fds{${chosen}} / process_max_fds{${chosen}}`,
      }),
    ],
  };
}
