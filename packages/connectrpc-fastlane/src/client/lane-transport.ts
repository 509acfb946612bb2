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
import { endAfter } from "./exchange.js";
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
  /**
   * Closes the connections, and ends what is under way with the code
   * `canceled`. A later call opens a new one. A session manager that was given
   * in the options is left alone.
   */
  close(): void;
}

/** The options that matter to calls rather than to what is sent. */
export interface CallSettings {
  interceptors?: Interceptor[];
  defaultTimeoutMs?: number;
}

/** A transport of connect-node. */
export interface StockTransport {
  readonly transport: Transport;
  /** Closes its connection. */
  close(): void;
}

/** Makes unary calls on the lane, and leaves all others to `stock`. */
export function createLaneTransport(
  { interceptors = [], defaultTimeoutMs }: CallSettings,
  settings: LaneSettings,
  { transport: stock, close: closeStock }: StockTransport,
  lane: Lane,
): LaneTransport {
  const { connections } = settings;
  const planOf = createMethodPlans(settings, lane.commonFields);
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
        const endsCall = interceptors.length === 0;
        const sent = { lane, connections, plan, call, timeoutMs, endsCall };
        const { url } = plan;
        if (endsCall) {
          const requestMethod = "POST";
          const signal = undefined;
          const outgoing = { message, url, requestMethod, header, signal };
          return send(sent, outgoing);
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
        const begin = () =>
          intercept<I, O>(
            (req) => send(sent, LaneRequest.read(req, call)),
            interceptors,
          )(request);
        return endAfter(call, start(call, begin));
      } catch (error) {
        return Promise.reject(error);
      }
    },
    stream(...call) {
      counts.handedOver++;
      return stock.stream(...call);
    },
    close() {
      connections.close();
      closeStock();
    },
  };
}

/** A transport whose calls are counted as stock. */
export function countCalls({
  transport: stock,
  close,
}: StockTransport): LaneTransport {
  const counts = { taken: 0, handedOver: 0 };
  return {
    counts,
    close,
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

function start<T>(call: UnaryCall, begin: () => Promise<T>): Promise<T> {
  try {
    return begin();
  } catch (error) {
    // connect-es passes on as it is what an interceptor throws right away.
    call.fail(error);
    throw error;
  }
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
