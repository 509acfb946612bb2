import { setImmediate } from "node:timers/promises";
import {
  type ConnectRouter,
  createConnectRouter,
  createContextValues,
  type Interceptor,
} from "@connectrpc/connect";
import { createServerMetrics, type ServerMetrics } from "connectrpc-prometheus";
import { Registry } from "prom-client";
import { targetNs } from "./interceptor-costs.js";
import type { Variant } from "./rounds.js";
import { answer, type SampleCall, sampleCalls } from "./sample-calls.js";

type Handler = ConnectRouter["handlers"][number];
type HandlerRequest = Parameters<Handler>[0];
type HandlerResponse = Awaited<ReturnType<Handler>>;

/** What a handler of each protocol answers. */
const protocols = {
  gRPC: {
    contentType: "application/grpc+proto",
    trailer: { "grpc-status": "0" },
    chunks: [envelope(0, "ogirdoR..")],
  },
  "Connect unary": {
    contentType: "application/proto",
    trailer: undefined,
    chunks: [new TextEncoder().encode("ogirdoR..")],
  },
  "gRPC-Web": {
    contentType: "application/grpc-web+proto",
    trailer: undefined,
    chunks: [envelope(0, "ogirdoR.."), envelope(0x80, "grpc-status: 0\r\n")],
  },
};

/**
 * The interceptor together with `observeHandlers`, around handlers that do
 * nothing but call the interceptor and answer in the form of their protocol.
 */
export function handlerVariants(calls: number): Variant[] {
  return Object.entries(protocols).flatMap(([name, protocol]) => {
    const baseline = variant(
      `no interceptor, a handler for ${name}`,
      calls,
      protocol,
      undefined,
    );
    const metrics = createServerMetrics({ registry: new Registry() });
    const observed = `server interceptor and observeHandlers, ${name}`;
    return [
      baseline,
      { ...variant(observed, calls, protocol, metrics), baseline, targetNs },
    ];
  });
}

function variant(
  name: string,
  calls: number,
  protocol: (typeof protocols)[keyof typeof protocols],
  metrics: ServerMetrics | undefined,
): Variant {
  const router = createConnectRouter();
  for (const sample of sampleCalls) {
    router.handlers.push(
      createHandler(sample, protocol, metrics?.interceptor ?? ((next) => next)),
    );
  }
  metrics?.observeHandlers(router);
  const { handlers } = router;
  return {
    name,
    calls,
    async run(count) {
      for (let made = 0; made < count; made += handlers.length) {
        for (const handler of handlers) {
          await drain(await handler(createRequest(handler)));
        }
        // As servers do: signals live until the event loop turns.
        await setImmediate();
      }
    },
  };
}

function createHandler(
  { request }: SampleCall,
  protocol: (typeof protocols)[keyof typeof protocols],
  interceptor: Interceptor,
): Handler {
  const next = interceptor(answer);
  const { method } = request;
  const header = new Headers({ "content-type": protocol.contentType });
  const trailer = protocol.trailer && new Headers(protocol.trailer);
  return Object.assign(
    async ({ contextValues = createContextValues() }: HandlerRequest) => {
      await next({ ...request, contextValues });
      return { status: 200, header, trailer, body: stream(protocol.chunks) };
    },
    {
      protocolNames: [],
      service: method.parent,
      method,
      requestPath: `/${method.parent.typeName}/${method.name}`,
      allowedMethods: ["POST"],
      supportedContentType: Object.assign(() => true, { supported: [] }),
    },
  );
}

function createRequest({ method, requestPath }: Handler): HandlerRequest {
  const sample = sampleCalls.find(({ request }) => request.method === method);
  if (sample === undefined) {
    throw new RangeError(`${requestPath} is no sample call`);
  }
  const { url, header } = sample.request;
  return {
    httpVersion: "2.0",
    method: "POST",
    url,
    header,
    body: {},
    // Its own, as each call has it: listeners are put on it.
    signal: new AbortController().signal,
    contextValues: createContextValues(),
  };
}

/** Reads a body as connect-node does (`universalResponseToNodeResponse`). */
async function drain({ body }: HandlerResponse): Promise<void> {
  const it = body?.[Symbol.asyncIterator]();
  let chunk = await it?.next();
  while (chunk !== undefined && chunk.done !== true) {
    chunk = await it?.next();
  }
  await it?.return?.();
}

async function* stream(chunks: readonly Uint8Array[]) {
  yield* chunks;
}

function envelope(flags: number, text: string): Uint8Array<ArrayBuffer> {
  const data = new TextEncoder().encode(text);
  const bytes = new Uint8Array(5 + data.length);
  bytes[0] = flags;
  new DataView(bytes.buffer).setUint32(1, data.length);
  bytes.set(data, 5);
  return bytes;
}
