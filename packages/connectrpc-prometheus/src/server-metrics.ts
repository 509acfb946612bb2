import type {
  ConnectRouter,
  Interceptor,
  StreamRequest,
  StreamResponse,
  UnaryRequest,
} from "@connectrpc/connect";
import { Code, createContextKey } from "@connectrpc/connect";
import { Call } from "./call.js";
import {
  type CallObservation,
  createCallObservation,
} from "./call-observation.js";
import { registerSeries } from "./exposition.js";
import { observeHandlers } from "./observe-handlers.js";
import { observeMessages, observeOutgoing } from "./observe-messages.js";
import type { ObservedCall, ObservedCallKey } from "./observed-call.js";
import {
  type CallStart,
  type MetricsOptions,
  resolveOptions,
} from "./options.js";
import { protocolOf } from "./protocol.js";
import { createSeriesTable } from "./series.js";
import { ok, type StatusCode } from "./spelling.js";
import { departureCode, thrownCode } from "./status-code.js";

/** Metrics of the calls that a server handles. */
export interface ServerMetrics {
  /**
   * Counts every call that reaches the interceptors. Put it first in
   * `interceptors`: the first is the outermost, and only that one counts what
   * a later one refuses.
   */
  interceptor: Interceptor;
  /**
   * Counts what interceptors never see, too: requests that cannot be parsed,
   * are too large, or have a content type or compression that is not
   * supported, and responses that cannot be serialised. Call it once at the
   * end of your `routes` function, after all services were added; the
   * interceptor goes on counting messages. Works for every adapter.
   */
  observeHandlers(router: ConnectRouter): void;
  /**
   * The same for a server that runs calls without connect-es's handlers, at a
   * fraction of the cost: the `observe` option of connectrpc-fastlane.
   */
  observation: CallObservation;
  /**
   * Counts a call to a method that the server does not have, which reaches no
   * handler. To be called by the host for a POST with the content type of an
   * RPC that no route matched; the headers tell the protocol. Counted as
   * `grpc_service="other"`, `grpc_method="other"`, `Unimplemented`.
   */
  countUnknownMethod(header?: Headers): void;
}

/**
 * Creates server metrics and registers them:
 * `grpc_server_{started,handled,msg_received,msg_sent}_total`,
 * `grpc_server_in_flight` and `grpc_server_handling_seconds`.
 *
 * Throws an Error if the registry has server metrics already, a RangeError for
 * buckets that do not ascend, and a TypeError for labels that are not allowed
 * and for options that exclude each other.
 */
export function createServerMetrics(options: MetricsOptions): ServerMetrics {
  const settings = resolveOptions(options);
  const table = createSeriesTable(settings);
  registerSeries("server", table, settings);
  const { exemplar } = settings;
  const start = (from: CallStart): Call | undefined => {
    const series = table.of(from);
    return series && new Call(series, settings);
  };

  const key: ObservedCallKey = createContextKey(undefined, {
    description: "connectrpc-prometheus call",
  });

  const interceptor: Interceptor = (next) => async (req) => {
    const observed = req.contextValues.get(key);
    const call = observed === undefined ? start(req) : observed.call;
    if (call === undefined) {
      return next(req);
    }
    if (exemplar !== undefined) {
      call.exemplar = () => exemplar(req);
    }
    return req.stream
      ? runStream(req, call, observed, next)
      : runUnary(req, call, observed, next);
  };

  return {
    interceptor,
    observation: createCallObservation(table, settings, interceptor),
    observeHandlers: (router) => observeHandlers(router, key, start),
    countUnknownMethod(header = new Headers()) {
      const series = table.other(protocolOf(header));
      new Call(series, settings).end(Code.Unimplemented);
    },
  };
}

type Next = Parameters<Interceptor>[0];

async function runUnary(
  req: UnaryRequest,
  call: Call,
  observed: ObservedCall | undefined,
  next: Next,
) {
  call.received(req.method.input, req.message);
  try {
    const res = await next(req);
    // A unary request is answered by a unary response.
    if (observed !== undefined && !res.stream) {
      observed.response = res.message;
    } else {
      const code = departureCode(req, call.elapsedMs()) ?? ok;
      if (!res.stream && code === ok) {
        call.sent(req.method.output, res.message);
      }
      call.end(code);
    }
    return res;
  } catch (error) {
    endBy(thrownCode(error), req, call, observed);
    throw error;
  }
}

/**
 * Ends a call as the handler has ended. A caller that left before has no part
 * in that. With `observeHandlers` the response has the last word.
 */
function endBy(
  code: StatusCode,
  req: UnaryRequest | StreamRequest,
  call: Call,
  observed: ObservedCall | undefined,
): void {
  if (observed === undefined) {
    call.end(departureCode(req, call.elapsedMs()) ?? code);
  } else {
    observed.seen ??= code;
  }
}

async function runStream(
  req: StreamRequest,
  call: Call,
  observed: ObservedCall | undefined,
  next: Next,
) {
  const { input, output } = req.method;
  const end = (code: StatusCode) => endBy(code, req, call, observed);
  if (observed === undefined) {
    // When the caller leaves while the handler waits for something, `return`
    // stays queued behind that wait. The signal is there at once. It also
    // aborts after a normal end, which is then no longer counted.
    const onAbort = () => {
      const code = departureCode(req, call.elapsedMs());
      if (code !== undefined) {
        call.end(code);
      }
    };
    if (req.signal.aborted) {
      onAbort();
    }
    req.signal.addEventListener("abort", onAbort, { once: true });
  }
  try {
    const res = await next({
      ...req,
      message: observeMessages(req.message, {
        message: (message) => call.received(input, message),
      }),
    });
    // A stream request is answered by a stream response.
    const stream = res as StreamResponse;
    const { messages } = observeOutgoing(stream.message, {
      message: (message) => call.sent(output, message),
      done: () => end(ok),
      failed: (error) => end(thrownCode(error)),
      // Whoever leaves while the caller is there cannot encode a message.
      abandoned: () =>
        end(observed === undefined ? Code.Canceled : Code.Internal),
    });
    return { ...stream, message: messages };
  } catch (error) {
    end(thrownCode(error));
    throw error;
  }
}
