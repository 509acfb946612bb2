import {
  create,
  type DescMessage,
  type Message,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import type { UnaryResponse } from "@connectrpc/connect";
import { copyHeaders, intercept } from "./interceptors.js";
import type { LaneCall } from "./lane-call.js";
import { LaneContext } from "./lane-context.js";
import { createUnaryRequest } from "./lane-request.js";

/** What becomes of an invocation. */
export interface AfterUnary {
  succeeded(output: Message): void;
  failed(error: unknown): void;
}

type Init = MessageInitShape<DescMessage>;
type Implementation = (
  input: Message,
  context: LaneContext,
) => Init | Promise<Init>;

/** Runs interceptors and implementation of a unary call. */
export function invokeUnary(
  call: LaneCall,
  input: Message,
  after: AfterUnary,
): void {
  const { interceptors, method, spec } = call.lane;
  if (spec.kind !== "unary") {
    after.failed(new Error(`${method.name} is no unary method`));
    return;
  }
  call.input = input;
  try {
    if (interceptors.length === 0) {
      invokeBare(call, input, spec.impl, after);
    } else {
      invokeIntercepted(call, input, spec.impl, after);
    }
  } catch (error) {
    after.failed(error);
  }
}

function invokeIntercepted(
  call: LaneCall,
  input: Message,
  implementation: Implementation,
  after: AfterUnary,
): void {
  const { interceptors, method } = call.lane;
  const request = createUnaryRequest(call, input);
  call.request = request;
  const respond = (output: Init): UnaryResponse => ({
    message: create(method.output, output),
    stream: false,
    // The kind of the implementation says so.
    method: method as UnaryResponse["method"],
    service: method.parent,
    header: call.responseHeader,
    trailer: call.responseTrailer,
  });
  const next = intercept((req) => {
    try {
      const context =
        req === request ? call.context : new LaneContext(call, req);
      // An interceptor passes a unary request on to a unary method.
      const output = implementation(req.message as Message, context);
      return isPromise(output)
        ? output.then(respond)
        : Promise.resolve(respond(output));
    } catch (error) {
      return Promise.reject(error);
    }
  }, interceptors);
  next(request).then(
    (response) => {
      try {
        copyHeaders(response.header, call.responseHeader);
        copyHeaders(response.trailer, call.responseTrailer);
      } catch (error) {
        after.failed(error);
        return;
      }
      // The response to a unary request has one message.
      after.succeeded(response.message as Message);
    },
    (error) => after.failed(error),
  );
}

/** Without interceptors, there is nobody to make requests and responses for. */
function invokeBare(
  call: LaneCall,
  input: Message,
  implementation: Implementation,
  after: AfterUnary,
): void {
  const { output: schema } = call.lane.method;
  const output = implementation(input, call.context);
  if (!isPromise(output)) {
    after.succeeded(create(schema, output));
    return;
  }
  output.then(
    (init) => {
      let message: Message;
      try {
        message = create(schema, init);
      } catch (error) {
        after.failed(error);
        return;
      }
      after.succeeded(message);
    },
    (error) => after.failed(error),
  );
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
