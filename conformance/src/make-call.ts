import { setTimeout as delay } from "node:timers/promises";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createWritableIterable } from "@connectrpc/connect/protocol";
import { type Call, createCall } from "./call.js";
import type {
  ClientCompatRequest,
  ClientResponseResult,
} from "./gen/connectrpc/conformance/v1/client_compat_pb.js";
import { StreamType } from "./gen/connectrpc/conformance/v1/config_pb.js";
import {
  type BidiStreamRequest,
  BidiStreamRequestSchema,
  ClientStreamRequestSchema,
  type ConformancePayload,
  ConformanceService,
  IdempotentUnaryRequestSchema,
  ServerStreamRequestSchema,
  UnaryRequestSchema,
  UnimplementedRequestSchema,
} from "./gen/connectrpc/conformance/v1/service_pb.js";

type ConformanceClient = Client<typeof ConformanceService>;

/**
 * Makes the call that the runner describes, and gives what came of it. A call
 * that fails is a result; only one that cannot be made throws.
 */
export async function makeCall(
  transport: Transport,
  request: ClientCompatRequest,
): Promise<ClientResponseResult> {
  const client = createClient(ConformanceService, transport);
  const call = createCall(request);
  await run(client, call, request);
  return call.result;
}

function run(
  client: ConformanceClient,
  call: Call,
  request: ClientCompatRequest,
): Promise<void> {
  const { options } = call;
  const { requestDelayMs } = request;
  const { method } = ConformanceService;
  switch (request.method) {
    case method.unary.name: {
      const message = only(call.messages(UnaryRequestSchema));
      return once(call, requestDelayMs, () => client.unary(message, options));
    }
    case method.idempotentUnary.name: {
      const message = only(call.messages(IdempotentUnaryRequestSchema));
      return once(call, requestDelayMs, () =>
        client.idempotentUnary(message, options),
      );
    }
    case method.unimplemented.name: {
      const message = only(call.messages(UnimplementedRequestSchema));
      return once(call, requestDelayMs, async () => {
        await client.unimplemented(message, options);
        return {};
      });
    }
    case method.clientStream.name:
      return clientStream(client, call, requestDelayMs);
    case method.serverStream.name:
      return serverStream(client, call, requestDelayMs);
    case method.bidiStream.name:
      return request.streamType === StreamType.FULL_DUPLEX_BIDI_STREAM
        ? bidiStream(client, call, requestDelayMs, true)
        : bidiStream(client, call, requestDelayMs, false);
    default:
      throw new Error(`no method ${request.method}`);
  }
}

async function once(
  call: Call,
  requestDelayMs: number,
  invoke: () => Promise<{ payload?: ConformancePayload }>,
): Promise<void> {
  await delay(requestDelayMs);
  try {
    const response = invoke();
    call.afterCloseSend();
    call.received(await response);
  } catch (error) {
    call.failed(error);
  }
}

async function clientStream(
  client: ConformanceClient,
  call: Call,
  requestDelayMs: number,
): Promise<void> {
  const messages = call.messages(ClientStreamRequestSchema);
  async function* requests() {
    for (const message of messages) {
      await delay(requestDelayMs);
      yield message;
    }
    call.beforeCloseSend();
    call.afterCloseSend();
  }
  try {
    call.received(await client.clientStream(requests(), call.options));
  } catch (error) {
    call.failed(error);
  }
}

async function serverStream(
  client: ConformanceClient,
  call: Call,
  requestDelayMs: number,
): Promise<void> {
  const message = only(call.messages(ServerStreamRequestSchema));
  await delay(requestDelayMs);
  try {
    const responses = client.serverStream(message, call.options);
    call.afterCloseSend();
    for await (const response of responses) {
      call.received(response);
    }
  } catch (error) {
    call.failed(error);
  }
}

async function bidiStream(
  client: ConformanceClient,
  call: Call,
  requestDelayMs: number,
  fullDuplex: boolean,
): Promise<void> {
  const messages = call.messages(BidiStreamRequestSchema);
  const requests = createWritableIterable<BidiStreamRequest>();
  try {
    const responses = client
      .bidiStream(requests, call.options)
      [Symbol.asyncIterator]();
    for (const message of messages) {
      await delay(requestDelayMs);
      await requests.write(message);
      if (fullDuplex) {
        const next = await responses.next();
        if (!next.done) {
          call.received(next.value);
        }
      }
    }
    call.beforeCloseSend();
    requests.close();
    call.afterCloseSend();
    for (
      let next = await responses.next();
      !next.done;
      next = await responses.next()
    ) {
      call.received(next.value);
    }
  } catch (error) {
    call.failed(error);
  }
}

function only<T>(messages: T[]): T {
  const [message] = messages;
  if (message === undefined || messages.length > 1) {
    throw new Error(`expected one request message, got ${messages.length}`);
  }
  return message;
}
