import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import {
  type ContextValues,
  createContextValues,
  type Interceptor,
  type Transport,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import type { HeadersInit, Lane } from "./lane.js";
import { LaneRequest } from "./lane-request.js";
import type { LaneSettings } from "./lane-settings.js";
import { createMethodPlans } from "./method-plan.js";
import { send } from "./send.js";
import { UnaryCall } from "./unary-call.js";

/** A Transport that tells which way its calls went. */
export interface LaneTransport extends Transport {
  /** Calls so far, those that are still going on included. */
  readonly counts: {
    /** Calls that took the lane. */
    readonly taken: number;
    /** Calls that were handed to connect-node's own transport. */
    readonly handedOver: number;
  };
}

/** The options that matter to calls rather than to what is sent. */
export interface CallSettings {
  interceptors?: Interceptor[];
  defaultTimeoutMs?: number;
  sendCompression?: Compression;
}

/** Makes unary calls on the lane, and leaves all others to `stock`. */
export function createLaneTransport(
  { interceptors = [], defaultTimeoutMs, sendCompression }: CallSettings,
  settings: LaneSettings,
  stock: Transport,
  lane: Lane,
): LaneTransport {
  if (sendCompression) {
    return countCalls(stock);
  }
  const { sessionManager } = settings;
  const planOf = createMethodPlans(settings);
  const counts = { taken: 0, handedOver: 0 };
  return {
    counts,
    // Not an async function, which would cost another two promises.
    unary<I extends DescMessage, O extends DescMessage>(
      method: DescMethodUnary<I, O>,
      callerSignal: AbortSignal | undefined,
      givenTimeoutMs: number | undefined,
      givenHeader: HeadersInit | undefined,
      input: MessageInitShape<I>,
      values: ContextValues | undefined,
    ) {
      counts.taken++;
      try {
        const timeoutMs = effectiveTimeout(givenTimeoutMs, defaultTimeoutMs);
        const plan = planOf(method);
        const header =
          givenHeader === undefined
            ? undefined
            : lane.makeHeader(timeoutMs, givenHeader);
        const message = create(method.input, input);
        const call = new UnaryCall(callerSignal, timeoutMs);
        const sent = { lane, sessionManager, plan, call, timeoutMs };
        const { url } = plan;
        if (interceptors.length === 0) {
          const requestMethod = "POST";
          const signal = undefined;
          const outgoing = { message, url, requestMethod, header, signal };
          return settle(call, send(sent, outgoing));
        }
        const request = new LaneRequest({
          method,
          url,
          message,
          contextValues: values ?? createContextValues(),
          header,
          makeHeader: () => lane.makeHeader(timeoutMs),
          call,
        });
        const next = intercept<I, O>(
          (req) => send(sent, LaneRequest.read(req, call)),
          interceptors,
        );
        return settle(call, start(call, next, request));
      } catch (error) {
        return Promise.reject(error);
      }
    },
    stream(...call) {
      counts.handedOver++;
      return stock.stream(...call);
    },
  };
}

/** A transport whose calls are counted as stock. */
export function countCalls(stock: Transport): LaneTransport {
  const counts = { taken: 0, handedOver: 0 };
  return {
    counts,
    unary(...call) {
      counts.handedOver++;
      return stock.unary(...call);
    },
    stream(...call) {
      counts.handedOver++;
      return stock.stream(...call);
    },
  };
}

type Next<I extends DescMessage, O extends DescMessage> = (
  req: UnaryRequest<I, O>,
) => Promise<UnaryResponse<I, O>>;

/** As connect-es does, it asks each interceptor anew for each call. */
function intercept<I extends DescMessage, O extends DescMessage>(
  send: Next<I, O>,
  interceptors: readonly Interceptor[],
): Next<I, O> {
  // A unary request is passed on as one, and answered by a unary response:
  // their types cannot tell, because interceptors take both kinds.
  let next = send as unknown as ReturnType<Interceptor>;
  for (let i = interceptors.length - 1; i >= 0; i--) {
    next = interceptors[i]?.(next) ?? next;
  }
  return next as unknown as Next<I, O>;
}

function start<I extends DescMessage, O extends DescMessage>(
  call: UnaryCall,
  next: Next<I, O>,
  request: UnaryRequest<I, O>,
): Promise<UnaryResponse<I, O>> {
  try {
    return next(request);
  } catch (error) {
    // connect-es passes on as it is what an interceptor throws right away.
    call.fail(error);
    throw error;
  }
}

/** Ends a call when its response is there. */
function settle<I extends DescMessage, O extends DescMessage>(
  call: UnaryCall,
  response: Promise<UnaryResponse<I, O>>,
): Promise<UnaryResponse<I, O>> {
  return response.then(
    (res) => {
      call.succeed();
      return res;
    },
    (reason) => {
      throw call.fail(reason);
    },
  );
}

/** By default, that of the transport; 0 and less mean none. */
function effectiveTimeout(
  timeoutMs: number | undefined,
  defaultTimeoutMs: number | undefined,
): number | undefined {
  if (timeoutMs === undefined) {
    return defaultTimeoutMs;
  }
  return timeoutMs <= 0 ? undefined : timeoutMs;
}
