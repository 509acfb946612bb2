import {
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type Message,
  toJsonString,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-web";
import { baseUrl } from "../base-url.js";

/** How a call is spoken. */
export type Protocol = "connect-json" | "connect" | "grpc-web";

/** What a call gave, as far as it has come. */
export interface CallResult {
  /** `OK`, or the name of the code; `undefined` while it goes on. */
  readonly code: string | undefined;
  /** Why it failed. */
  readonly reason: string;
  /** Newest last, as JSON; at most 50. */
  readonly messages: readonly string[];
  /** How many came. */
  readonly received: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly trailers: readonly (readonly [string, string])[];
  /** Until the first message, in milliseconds. */
  readonly firstMs: number | undefined;
  /** Until now, or the end, in milliseconds. */
  readonly totalMs: number;
}

/** A call to make. */
export interface CallOptions {
  method: DescMethodUnary | DescMethodServerStreaming;
  message: Message;
  protocol: Protocol;
  /** The deadline. By default, none. */
  timeoutMs: number | undefined;
  signal: AbortSignal;
  /** Told whenever something has come. */
  onProgress(result: CallResult): void;
}

const keptMessages = 50;

/** Calls a method, and tells what comes as it comes. */
export async function performCall(options: CallOptions): Promise<void> {
  const { method, message, signal, timeoutMs, onProgress } = options;
  const transport = createTransport(options.protocol);
  const start = performance.now();
  let result: CallResult = {
    code: undefined,
    reason: "",
    messages: [],
    received: 0,
    headers: [],
    trailers: [],
    firstMs: undefined,
    totalMs: 0,
  };
  const update = (part: Partial<CallResult>) => {
    result = { ...result, ...part, totalMs: performance.now() - start };
    onProgress(result);
  };
  const receive = (received: Message) =>
    update({
      messages: [
        ...result.messages,
        toJsonString(method.output, received, { prettySpaces: 2 }),
      ].slice(-keptMessages),
      received: result.received + 1,
      firstMs: result.firstMs ?? performance.now() - start,
    });
  try {
    if (method.methodKind === "unary") {
      const answer = await transport.unary(
        method,
        signal,
        timeoutMs ?? 0,
        undefined,
        message,
      );
      receive(answer.message);
      update({
        code: "OK",
        headers: [...answer.header],
        trailers: [...answer.trailer],
      });
    } else {
      const answer = await transport.stream(
        method,
        signal,
        timeoutMs ?? 0,
        undefined,
        oneMessage(message),
      );
      update({ headers: [...answer.header] });
      for await (const received of answer.message) {
        receive(received);
      }
      update({ code: "OK", trailers: [...answer.trailer] });
    }
  } catch (error) {
    const { code, rawMessage, metadata } = ConnectError.from(error);
    update({
      code: Code[code],
      reason: rawMessage,
      ...(result.headers.length === 0
        ? { headers: [...metadata] }
        : { trailers: [...metadata] }),
    });
  }
}

function createTransport(protocol: Protocol): Transport {
  return protocol === "grpc-web"
    ? createGrpcWebTransport({ baseUrl })
    : createConnectTransport({
        baseUrl,
        useBinaryFormat: protocol === "connect",
      });
}

async function* oneMessage<T>(message: T): AsyncIterable<T> {
  yield message;
}
