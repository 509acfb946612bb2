import type { Message } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import {
  createClientMetrics,
  createServerMetrics,
  type MetricsOptions,
} from "connectrpc-prometheus";
import {
  type OpenMetricsContentType,
  Registry,
  type RegistryContentType,
} from "prom-client";
import {
  createNaiveInterceptor,
  createSmallNaiveInterceptor,
} from "./naive-interceptor.js";
import type { Variant } from "./rounds.js";
import { answer, makeCalls, type Next } from "./sample-calls.js";

/** The name of the variant that the others are compared with. */
export const serverDefaults = "server interceptor";

/** What a call may cost on one side, with the defaults. */
export const targetNs = 2_000;

const options: Record<string, Partial<MetricsOptions>> = {
  "buckets: false": { buckets: false },
  'bucketLabel: "code"': { bucketLabel: "code" },
  'bucketLabel: "outcome"': { bucketLabel: "outcome" },
  sizeBuckets: { sizeBuckets: true },
  protocolLabel: { protocolLabel: true },
  constLabels: { constLabels: { region: "eu", zone: "a" } },
  callLabels: {
    callLabels: {
      names: ["tenant"],
      values: ({ header }) => ({ tenant: header.get("x-tenant") ?? "" }),
    },
  },
  exemplar: {
    exemplar: () => ({ trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" }),
  },
  "filter, method counted": { filter: () => true },
  "filter, method left out": { filter: () => false },
};

/** Our interceptors with their defaults and with each option. */
export function ourVariants(calls: number, baseline: Variant): Variant[] {
  const server = (more: Partial<MetricsOptions>): Interceptor =>
    createServerMetrics({ ...more, registry: createRegistry(more) })
      .interceptor;
  const { interceptor: client } = createClientMetrics({
    registry: new Registry(),
  });
  return [
    { ...around(serverDefaults, calls, baseline, server({})), targetNs },
    { ...around("client interceptor", calls, baseline, client), targetNs },
    laneVariant(calls, baseline),
    ...Object.entries(options).map(([name, more]) =>
      around(`${serverDefaults}, ${name}`, calls, baseline, server(more)),
    ),
  ];
}

/**
 * What stands for interceptor and hook on the fast lane of servers, which tells
 * of each call by itself.
 */
function laneVariant(calls: number, baseline: Variant): Variant {
  const { observation } = createServerMetrics({ registry: new Registry() });
  const observe: Next = (request) => {
    const { method, header, contextValues, message } = request;
    const call = observation.start({
      method,
      header,
      contextValues,
      timeoutMs: undefined,
      request,
    });
    return answer(request).then((response) => {
      // The sample calls are unary.
      call?.received(method.input, message as Message);
      call?.sent(method.output, response.message as Message);
      call?.end(0);
      return response;
    });
  };
  const name = "server, on the fast lane: interceptor and hook";
  return { ...variant(name, calls, observe), baseline, targetNs };
}

/** The same with prom-client's own classes. */
export function naiveVariants(calls: number, baseline: Variant): Variant[] {
  const same = createNaiveInterceptor("server", new Registry());
  const two = createSmallNaiveInterceptor(new Registry());
  return [
    around("prom-client's own classes, same metrics", calls, baseline, same),
    around("prom-client's own classes, two metrics", calls, baseline, two),
  ];
}

/** A call without any interceptor. */
export function bareVariant(calls: number): Variant {
  return variant("no interceptor", calls, answer);
}

function around(
  name: string,
  calls: number,
  baseline: Variant,
  interceptor: Interceptor,
): Variant {
  return { ...variant(name, calls, interceptor(answer)), baseline };
}

function variant(name: string, calls: number, next: Next): Variant {
  return { name, calls, run: (count) => makeCalls(next, count) };
}

function createRegistry(
  more: Partial<MetricsOptions>,
): Registry<RegistryContentType> {
  if (more.exemplar === undefined) {
    return new Registry();
  }
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}
