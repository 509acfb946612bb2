import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  type ConnectRouterOptions,
} from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Registry } from "prom-client";
import type { MetricsOptions } from "./options.js";
import { createServerMetrics } from "./server-metrics.js";

/**
 * Handlers of all four types. The name in a request says how the call ends:
 * `denied` with an error of Connect, `broken` with a plain error, `unsendable`
 * with a response that cannot be serialised, `wait` not before its caller has
 * left.
 */
export function sampleRoutes(router: ConnectRouter): void {
  const answer = async (name: string, signal: AbortSignal) => {
    if (name === "denied") {
      throw new ConnectError("no", Code.PermissionDenied);
    }
    if (name === "broken") {
      throw new Error("secret");
    }
    if (name === "wait") {
      await new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    }
    // No string, although its type says so: it fails when it is encoded.
    const unsendable = {
      toString() {
        throw new Error("unsendable");
      },
    } as unknown as string;
    return { reversedName: name === "unsendable" ? unsendable : name };
  };
  router.service(RevertNameService, {
    revertName: ({ name }, { signal }) => answer(name, signal),
    async *revertNames(requests, { signal }) {
      for await (const { name } of requests) {
        yield await answer(name, signal);
      }
    },
  });
  router.service(TimeService, {
    async *watchTime({ timeZone }, { signal }) {
      yield { rfc3339: "1" };
      yield { rfc3339: "2" };
      await answer(timeZone, signal);
    },
  });
  router.service(HeartbeatService, {
    async beatHearts(requests, { signal }) {
      let accepted = 0n;
      for await (const { beat } of requests) {
        accepted++;
        await answer(beat?.serviceName ?? "", signal);
      }
      return { accepted };
    },
  });
}

/** A server of the sample over HTTP/2, with metrics from both ways to count. */
export async function serveSample(
  t: TestContext,
  options: ConnectRouterOptions = {},
  metricsOptions: Partial<MetricsOptions> = {},
) {
  const registry = new Registry();
  const metrics = createServerMetrics({ ...metricsOptions, registry });
  const server: Http2Server = createServer(
    connectNodeAdapter({
      ...options,
      interceptors: [metrics.interceptor, ...(options.interceptors ?? [])],
      routes(router) {
        sampleRoutes(router);
        metrics.observeHandlers(router);
      },
    }),
  );
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve()),
  );
  t.after(() => {
    for (const session of sessions) {
      session.destroy();
    }
    return new Promise((resolve) => server.close(resolve));
  });
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return { registry, baseUrl: `http://127.0.0.1:${port}` };
}

/**
 * The samples of one side in a short form: without the side, the service, the
 * histogram's buckets and sums, and what is zero.
 */
export async function readSamples(
  registry: Registry,
  side: "server" | "client",
): Promise<Record<string, number>> {
  const samples: Record<string, number> = {};
  for (const metric of await registry.getMetricsAsJSON()) {
    if (!metric.name.startsWith(`grpc_${side}_`)) {
      continue;
    }
    // prom-client's type leaves out `metricName`, which histograms have.
    const values = metric.values as {
      metricName?: string;
      value: number;
      labels: Record<string, string | undefined>;
    }[];
    for (const { metricName = metric.name, value, labels } of values) {
      if (/_(bucket|sum)$/.test(metricName) || value === 0) {
        continue;
      }
      const name = metricName.slice(`grpc_${side}_`.length);
      const code = labels.grpc_code === undefined ? "" : ` ${labels.grpc_code}`;
      samples[`${labels.grpc_method} ${name}${code}`] = value;
    }
  }
  return samples;
}

/** What one call of a method leaves behind. */
export function oneCall(
  method: string,
  code: string,
  messages: { received?: number; sent?: number } = {},
): Record<string, number> {
  const { received = 0, sent = 0 } = messages;
  return {
    [`${method} started_total`]: 1,
    [`${method} handled_total ${code}`]: 1,
    ...(received === 0 ? {} : { [`${method} msg_received_total`]: received }),
    ...(sent === 0 ? {} : { [`${method} msg_sent_total`]: sent }),
    [`${method} handling_seconds_count`]: 1,
  };
}
