import { Code, ConnectError } from "@connectrpc/connect";
import {
  type Answer,
  answer,
  type Knowledge,
  type Question,
} from "./answer.js";

/** A request of either version of the protocol. */
export interface ReflectionRequest {
  host: string;
  messageRequest: Question | { case: undefined };
}

/** A response of either version of the protocol, before it is a message. */
export interface ReflectionResponse<Request> {
  validHost: string;
  originalRequest: Request;
  messageResponse: Answer;
}

/**
 * Answers a stream of reflection requests, one by one. What is not known is an
 * answer, and the stream goes on; a request that asks nothing ends it with
 * `invalid_argument`. Throws the signal's reason when the signal aborts.
 */
export async function* reflect<Request extends ReflectionRequest>(
  requests: AsyncIterable<Request>,
  signal: AbortSignal,
  knowledge: () => Knowledge,
): AsyncGenerator<ReflectionResponse<Request>, void, undefined> {
  const sent = new Set<string>();
  for await (const request of untilAborted(requests, signal)) {
    const { host, messageRequest } = request;
    if (messageRequest.case === undefined) {
      throw new ConnectError(
        "reflection request asks for nothing",
        Code.InvalidArgument,
      );
    }
    yield {
      validHost: host,
      originalRequest: request,
      messageResponse: answer(knowledge(), messageRequest, sent),
    };
  }
}

/** A caller who is silent past the deadline would otherwise hold the call. */
async function* untilAborted<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await orAborted(iterator.next(), signal);
      if (next.done === true) {
        return;
      }
      yield next.value;
    }
  } finally {
    // Not awaited: after an abort it may wait for an item that never comes.
    iterator.return?.().catch(() => {});
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    const settled = () => signal.removeEventListener("abort", onAbort);
    promise.then(resolve, reject).finally(settled);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) {
      onAbort();
    }
  });
}
