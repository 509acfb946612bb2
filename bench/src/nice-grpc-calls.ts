import {
  type CallContext,
  Metadata,
  type MethodDescriptor,
} from "nice-grpc-common";
import {
  prometheusClientMiddleware,
  prometheusServerMiddleware,
} from "nice-grpc-prometheus";
import type { Variant } from "./rounds.js";
import { sampleCalls } from "./sample-calls.js";

/** A handler as nice-grpc calls it, with or without middleware around it. */
type Handler = (
  method: MethodDescriptor,
  request: unknown,
) => AsyncGenerator<unknown, unknown, undefined>;

const methods = sampleCalls.map(({ request, response }) => ({
  descriptor: {
    path: `/${request.service.typeName}/${request.method.name}`,
    requestStream: false,
    responseStream: false,
    options: {},
  },
  request: request.message,
  response: response.message,
}));

const responses = new Map<unknown, unknown>(
  methods.map(({ request, response }) => [request, response]),
);

const context: CallContext = {
  metadata: Metadata(),
  peer: "127.0.0.1:50051",
  header: Metadata(),
  sendHeader() {},
  trailer: Metadata(),
  signal: new AbortController().signal,
};

/** nice-grpc's innermost handler of a unary method. */
// biome-ignore lint/correctness/useYield: it returns its message, as nice-grpc's do
async function* answer(
  request: unknown,
): AsyncGenerator<never, unknown, undefined> {
  return responses.get(request);
}

/**
 * The middlewares of nice-grpc-prometheus around a handler that answers at
 * once, driven as nice-grpc drives them (`createUnaryMethodHandler`,
 * `createUnaryMethod`): without the framework and the network, as the
 * interceptors are.
 */
export function niceGrpcVariants(calls: number): Variant[] {
  const server = prometheusServerMiddleware();
  const client = prometheusClientMiddleware();
  const baseline = variant(
    "nice-grpc without middleware",
    calls,
    (_, request) => answer(request),
  );
  const call = { requestStream: false, responseStream: false, next: answer };
  return [
    baseline,
    {
      ...variant("nice-grpc-prometheus, server", calls, (method, request) =>
        // The literals are those of a unary call, which TypeScript widens.
        server(
          { ...call, method, request } as Parameters<typeof server>[0],
          context,
        ),
      ),
      baseline,
    },
    {
      ...variant("nice-grpc-prometheus, client", calls, (method, request) =>
        // As above.
        client(
          { ...call, method, request } as Parameters<typeof client>[0],
          {},
        ),
      ),
      baseline,
    },
  ];
}

function variant(name: string, calls: number, handler: Handler): Variant {
  return {
    name,
    calls,
    async run(count) {
      for (let made = 0; made < count; ) {
        for (const { descriptor, request } of methods) {
          const iterator = handler(descriptor, request)[Symbol.asyncIterator]();
          const result = await iterator.next();
          if (result.done !== true || result.value === undefined) {
            throw new Error(`${name} gave no response`);
          }
        }
        made += methods.length;
      }
    },
  };
}
