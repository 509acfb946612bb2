import {
  create,
  createFileRegistry,
  type DescMethodUnary,
} from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import {
  Code,
  ConnectError,
  createContextValues,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import { createServerMetrics } from "connectrpc-prometheus";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { cpuNs, exposedGc, type RoundOptions } from "./rounds.js";
import { type Summary, summarize } from "./statistics.js";

/** What it costs to render a registry once. */
export interface ScrapeCost {
  readonly name: string;
  readonly targetMs: number | undefined;
  /** CPU time in milliseconds. */
  readonly ms: Summary;
  /** The size of the exposition. */
  readonly lines: number;
  readonly bytes: number;
}

/** What rendering 100 methods may cost with the defaults. */
const targetMs = 25;

const methodCount = 100;

const buckets = [
  0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
  2.5, 5, 10,
];

/** OK, and every code of an error. */
const outcomes: readonly (Code | undefined)[] = [
  undefined,
  ...Array.from({ length: 16 }, (_, i): Code => i + 1),
];

/**
 * Renders registries of 100 methods that have seen all 17 codes, with a
 * histogram of 15 buckets.
 */
export async function measureScrapes(
  options: RoundOptions,
): Promise<ScrapeCost[]> {
  const registries = new Map([
    ["connectrpc-prometheus", await ourRegistry({})],
    ["prom-client's own classes", promClientRegistry(false)],
    [
      "connectrpc-prometheus, code on the histogram",
      await ourRegistry({ bucketLabel: "code" }),
    ],
    [
      "prom-client's own classes, code on the histogram",
      promClientRegistry(true),
    ],
  ]);
  const gc = exposedGc();
  const measured = new Map<string, number[]>();
  for (let round = 0; round < options.rounds; round++) {
    for (const [name, registry] of registries) {
      gc({ type: "minor" });
      const before = cpuNs();
      await registry.metrics();
      const ms = (cpuNs() - before) / 1_000_000;
      measured.set(name, [...(measured.get(name) ?? []), ms]);
    }
    options.progress?.(round + 1);
  }
  return Promise.all(
    [...registries].map(async ([name, registry]) => {
      const text = await registry.metrics();
      return {
        name,
        targetMs: name === "connectrpc-prometheus" ? targetMs : undefined,
        ms: summarize(measured.get(name) ?? []),
        lines: text.split("\n").filter((line) => /^[a-z]/.test(line)).length,
        bytes: Buffer.byteLength(text),
      };
    }),
  );
}

async function ourRegistry(more: { bucketLabel?: "code" }): Promise<Registry> {
  const registry = new Registry();
  const { interceptor } = createServerMetrics({ ...more, registry, buckets });
  for (const method of createMethods()) {
    for (const code of outcomes) {
      const next = interceptor(async () => {
        if (code !== undefined) {
          throw new ConnectError("", code);
        }
        return createResponse(method);
      });
      await next(createRequest(method)).catch(() => {});
    }
  }
  return registry;
}

function promClientRegistry(withCode: boolean): Registry {
  const registry = new Registry();
  const labelNames = ["grpc_type", "grpc_service", "grpc_method"];
  const registers = [registry];
  const withCodes = [...labelNames, "grpc_code"];
  const named = (suffix: string) => ({
    name: `grpc_server_${suffix}`,
    help: "Total number of RPCs.",
    labelNames,
    registers,
  });
  const counters = [
    "started_total",
    "msg_received_total",
    "msg_sent_total",
  ].map((suffix) => new Counter(named(suffix)));
  const inFlight = new Gauge(named("in_flight"));
  const handled = new Counter({
    ...named("handled_total"),
    labelNames: withCodes,
  });
  const seconds = new Histogram({
    ...named("handling_seconds"),
    labelNames: withCode ? withCodes : labelNames,
    buckets,
  });
  for (const { name, parent } of createMethods()) {
    const labels = {
      grpc_type: "unary",
      grpc_service: parent.typeName,
      grpc_method: name,
    };
    for (const counter of counters) {
      counter.inc(labels);
    }
    inFlight.set(labels, 0);
    for (const code of outcomes) {
      const coded = {
        ...labels,
        grpc_code: code === undefined ? "OK" : Code[code],
      };
      handled.inc(coded);
      seconds.observe(withCode ? coded : labels, 0.002);
    }
  }
  return registry;
}

/** Descriptors of a service with many unary methods. */
function createMethods(): DescMethodUnary[] {
  const file = create(FileDescriptorProtoSchema, {
    name: "bench/v1/bench_service.proto",
    package: "bench.v1",
    syntax: "proto3",
    messageType: [{ name: "Empty" }],
    service: [
      {
        name: "BenchService",
        method: Array.from({ length: methodCount }, (_, i) => ({
          name: `ReadSomeResource${i}`,
          inputType: ".bench.v1.Empty",
          outputType: ".bench.v1.Empty",
        })),
      },
    ],
  });
  const files = create(FileDescriptorSetSchema, { file: [file] });
  const service = createFileRegistry(files).getService("bench.v1.BenchService");
  return (service?.methods ?? []).filter(
    (method): method is DescMethodUnary => method.methodKind === "unary",
  );
}

function createRequest(method: DescMethodUnary): UnaryRequest {
  return {
    stream: false,
    service: method.parent,
    method,
    requestMethod: "POST",
    url: `http://127.0.0.1/${method.parent.typeName}/${method.name}`,
    signal: new AbortController().signal,
    header: new Headers({ "content-type": "application/grpc+proto" }),
    contextValues: createContextValues(),
    message: create(method.input),
  };
}

function createResponse(method: DescMethodUnary): UnaryResponse {
  return {
    stream: false,
    service: method.parent,
    method,
    header: new Headers(),
    trailer: new Headers(),
    message: create(method.output),
  };
}
