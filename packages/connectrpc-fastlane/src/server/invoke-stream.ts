import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type StreamResponse } from "@connectrpc/connect";
import { intercept } from "./interceptors.js";
import type { LaneCall } from "./lane-call.js";
import { LaneContext } from "./lane-context.js";
import { createStreamRequest } from "./lane-request.js";
import { normalizeMessages } from "./normalize-messages.js";

/**
 * Runs interceptors and implementation of a server-streaming call. The
 * interceptors begin before the request is read, as in connect-es.
 */
export async function invokeStream(
  call: LaneCall,
  input: AsyncIterable<Message>,
): Promise<StreamResponse> {
  const { interceptors, method, spec } = call.lane;
  if (spec.kind !== "server_streaming") {
    throw new Error(`${method.name} is no server-streaming method`);
  }
  const request = createStreamRequest(call, input);
  call.request = request;
  const next = intercept(async (req) => {
    // An interceptor passes a stream request on to a streaming method.
    const messages = req.message as AsyncIterable<Message>;
    const message = await readSingle(messages);
    const context = new LaneContext(call, req === request ? undefined : req);
    const response: StreamResponse = {
      message: normalizeMessages(method.output, spec.impl(message, context)),
      stream: true,
      // The kind of the implementation says so.
      method: method as StreamResponse["method"],
      service: method.parent,
      header: call.responseHeader,
      trailer: call.responseTrailer,
    };
    return response;
  }, interceptors);
  // The response to a stream request is a stream.
  return (await next(request)) as StreamResponse;
}

async function readSingle(messages: AsyncIterable<Message>): Promise<Message> {
  const it = messages[Symbol.asyncIterator]();
  const first = await it.next();
  if (first.done === true) {
    throw wrongCount("missing");
  }
  const second = await it.next();
  if (second.done !== true) {
    throw wrongCount("received extra");
  }
  return first.value;
}

function wrongCount(what: string): ConnectError {
  return new ConnectError(
    `protocol error: ${what} input message for server-streaming method`,
    Code.Unimplemented,
  );
}
