import { setTimeout as delay } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import { toConnectError } from "./call-error.js";
import {
  type BidiStreamRequest,
  BidiStreamRequestSchema,
  ClientStreamRequestSchema,
  ConformancePayload_RequestInfoSchema,
  type ConformancePayloadSchema,
  ConformanceService,
  IdempotentUnaryRequestSchema,
  ServerStreamRequestSchema,
  type StreamResponseDefinition,
  UnaryRequestSchema,
  type UnaryResponseDefinition,
} from "./gen/connectrpc/conformance/v1/service_pb.js";
import { appendHeaders } from "./metadata.js";
import { createRequestInfo } from "./request-info.js";

type Payload = MessageInitShape<typeof ConformancePayloadSchema>;
type StreamResponse = { payload: Payload };

/**
 * The service that the conformance suite calls: each request says how it is to
 * be answered, and the answer echoes what arrived. `Unimplemented` is left out,
 * as the suite wants it.
 */
export function conformanceRoutes(router: ConnectRouter): void {
  router.service(ConformanceService, {
    unary: (request, context) =>
      answerOnce(request.responseDefinition, context, [
        anyPack(UnaryRequestSchema, request),
      ]),
    idempotentUnary: (request, context) =>
      answerOnce(request.responseDefinition, context, [
        anyPack(IdempotentUnaryRequestSchema, request),
      ]),
    async clientStream(requests, context) {
      const received: Any[] = [];
      let definition: UnaryResponseDefinition | undefined;
      for await (const request of requests) {
        if (received.length === 0) {
          definition = request.responseDefinition;
        }
        received.push(anyPack(ClientStreamRequestSchema, request));
      }
      return answerOnce(definition, context, received);
    },
    serverStream: (request, context) =>
      answerStream(
        request.responseDefinition,
        context,
        [anyPack(ServerStreamRequestSchema, request)],
        0,
      ),
    bidiStream,
  });
}

async function answerOnce(
  definition: UnaryResponseDefinition | undefined,
  context: HandlerContext,
  requests: Any[],
): Promise<{ payload: Payload }> {
  appendHeaders(context.responseHeader, definition?.responseHeaders);
  appendHeaders(context.responseTrailer, definition?.responseTrailers);
  const requestInfo = createRequestInfo(context, requests);
  await pause(definition?.responseDelayMs, context);
  if (definition?.response.case === "error") {
    throw toConnectError(
      definition.response.value,
      anyPack(ConformancePayload_RequestInfoSchema, requestInfo),
    );
  }
  return { payload: { data: definition?.response.value, requestInfo } };
}

async function* bidiStream(
  requests: AsyncIterable<BidiStreamRequest>,
  context: HandlerContext,
): AsyncGenerator<StreamResponse> {
  let definition: StreamResponseDefinition | undefined;
  let fullDuplex = false;
  let first = true;
  let sent = 0;
  let received: Any[] = [];
  for await (const request of requests) {
    if (first) {
      first = false;
      ({ responseDefinition: definition, fullDuplex } = request);
      appendStreamHeaders(definition, context);
    }
    received.push(anyPack(BidiStreamRequestSchema, request));
    if (fullDuplex) {
      const data = definition?.responseData[sent];
      if (data === undefined) {
        break;
      }
      const requestInfo =
        sent === 0
          ? createRequestInfo(context, received)
          : { requests: received };
      await pause(definition?.responseDelayMs, context);
      yield { payload: { data, requestInfo } };
      sent += 1;
      received = [];
    }
  }
  yield* answerRest(definition, context, received, sent);
}

async function* answerStream(
  definition: StreamResponseDefinition | undefined,
  context: HandlerContext,
  requests: Any[],
  sent: number,
): AsyncGenerator<StreamResponse> {
  appendStreamHeaders(definition, context);
  yield* answerRest(definition, context, requests, sent);
}

/** Sends the responses that are left, then ends as the definition says. */
async function* answerRest(
  definition: StreamResponseDefinition | undefined,
  context: HandlerContext,
  requests: Any[],
  sent: number,
): AsyncGenerator<StreamResponse> {
  const { responseData = [], responseDelayMs, error } = definition ?? {};
  for (const [i, data] of responseData.entries()) {
    if (i < sent) {
      continue;
    }
    const requestInfo =
      i === 0 ? createRequestInfo(context, requests) : undefined;
    await pause(responseDelayMs, context);
    yield { payload: { data, requestInfo } };
  }
  if (error !== undefined) {
    const details =
      responseData.length === 0
        ? [
            anyPack(
              ConformancePayload_RequestInfoSchema,
              createRequestInfo(context, requests),
            ),
          ]
        : [];
    throw toConnectError(error, ...details);
  }
}

function appendStreamHeaders(
  definition: StreamResponseDefinition | undefined,
  context: HandlerContext,
): void {
  appendHeaders(context.responseHeader, definition?.responseHeaders);
  appendHeaders(context.responseTrailer, definition?.responseTrailers);
}

async function pause(ms = 0, { signal }: HandlerContext): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    // The timer's own AbortError would reach the caller as `internal`.
    throw signal.reason;
  }
}
