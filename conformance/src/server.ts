import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { LaneObservation } from "connectrpc-fastlane";
import { createServerMetrics } from "connectrpc-prometheus";
import { Registry } from "prom-client";
import { readDelimited, writeDelimited } from "./delimited.js";
import { endWithParent } from "./end-with-parent.js";
import {
  type ServerCompatRequest,
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from "./gen/connectrpc/conformance/v1/server_compat_pb.js";
import { settledTotals } from "./method-totals.js";
import {
  type ServeOptions,
  serveFastlane,
  serveOnePort,
  serveStockNode,
} from "./serve.js";

/** The runner gives a server 5 s after SIGTERM. */
const closeLimitMs = 4_000;

const { values } = parseArgs({
  options: {
    adapter: { type: "string", default: "fastlane" },
    /** A folder that gets the totals of this process when it ends. */
    "metrics-to": { type: "string" },
  },
});
await main(values.adapter, values["metrics-to"]);

/**
 * The program that the runner starts for each configuration: it reads one
 * request from standard input, serves, says where on standard output, and
 * ends by SIGTERM.
 */
async function main(adapter: string, metricsTo?: string): Promise<void> {
  endWithParent();
  const request = await readRequest();
  const registry = new Registry();
  const metrics = createServerMetrics({ registry });
  const onLane = new Map<string, number>();
  const options: ServeOptions =
    metricsTo === undefined
      ? {}
      : {
          interceptors: [metrics.interceptor],
          observe: metrics.observeHandlers,
          observation: countLane(metrics.observation, onLane),
          onUnknown: metrics.countUnknownMethod,
        };
  const server = await serveBy(adapter)(request, options);
  process.once("SIGTERM", async () => {
    setTimeout(() => process.exit(1), closeLimitMs).unref();
    if (metricsTo !== undefined) {
      const totals = await settledTotals(registry, closeLimitMs / 2);
      for (const [method, total] of Object.entries(totals)) {
        total.lane = onLane.get(method) ?? 0;
      }
      const file = join(metricsTo, `${process.pid}.json`);
      await writeFile(file, JSON.stringify(totals));
    }
    await server.close();
    process.exit(0);
  });
  const response = create(ServerCompatResponseSchema, {
    host: server.address.address,
    port: server.address.port,
    pemCert: request.useTls ? request.serverCreds?.cert : undefined,
  });
  writeDelimited(
    process.stdout,
    toBinary(ServerCompatResponseSchema, response),
  );
}

/** Counts the calls on the lane, by the name of their method. */
function countLane(
  observation: LaneObservation,
  onLane: Map<string, number>,
): LaneObservation {
  return {
    ...observation,
    start(call) {
      const { name } = call.method;
      onLane.set(name, (onLane.get(name) ?? 0) + 1);
      return observation.start(call);
    },
  };
}

function serveBy(adapter: string): typeof serveOnePort {
  switch (adapter) {
    case "fastlane":
      return serveFastlane;
    case "one-port":
      return serveOnePort;
    case "stock-node":
      return serveStockNode;
    default:
      throw new Error(`no adapter ${adapter}`);
  }
}

async function readRequest(): Promise<ServerCompatRequest> {
  for await (const message of readDelimited(process.stdin)) {
    return fromBinary(ServerCompatRequestSchema, message);
  }
  throw new Error("input ends without a request");
}
