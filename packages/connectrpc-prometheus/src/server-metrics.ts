import type {
  ConnectRouter,
  Interceptor,
  StreamRequest,
  StreamResponse,
} from "@connectrpc/connect";
import { Code } from "@connectrpc/connect";
import { Call } from "./call.js";
import { registerSeries } from "./exposition.js";
import { observedCall, observeHandlers } from "./observe-handlers.js";
import { observeMessages } from "./observe-messages.js";
import {
  type CallStart,
  type MetricsOptions,
  resolveOptions,
} from "./options.js";
import { protocolOf } from "./protocol.js";
import { createSeriesTable } from "./series.js";
import { ok, type StatusCode } from "./spelling.js";
import { departureCode, serverCode } from "./status-code.js";

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

  return {
    interceptor: (next) => async (req) => {
      const observed = req.contextValues.get(observedCall);
      const call = observed === undefined ? start(req) : observed.call;
      if (call === undefined) {
        return next(req);
      }
      if (exemplar !== undefined) {
        call.exemplar = () => exemplar(req);
      }
      // With `observeHandlers` the response has the last word.
      const end = (code: StatusCode) => {
        if (observed === undefined) {
          call.end(code);
        } else {
          observed.seen ??= code;
        }
      };
      if (req.stream) {
        return runStream(req, call, end, next);
      }
      call.received(req.method.input, req.message);
      try {
        const res = await next(req);
        const code = departureCode(req, call.elapsedMs()) ?? ok;
        // A unary request is answered by a unary response.
        if (!res.stream && code === ok) {
          if (observed === undefined) {
            call.sent(req.method.output, res.message);
          } else {
            observed.response = res.message;
          }
        }
        end(code);
        return res;
      } catch (error) {
        end(serverCode(error, req, call.elapsedMs()));
        throw error;
      }
    },
    observeHandlers: (router) => observeHandlers(router, start),
    countUnknownMethod(header = new Headers()) {
      const series = table.other(protocolOf(header));
      new Call(series, settings).end(Code.Unimplemented);
    },
  };
}

async function runStream(
  req: StreamRequest,
  call: Call,
  end: (code: StatusCode) => void,
  next: Parameters<Interceptor>[0],
) {
  const { input, output } = req.method;
  const departed = () => departureCode(req, call.elapsedMs());
  // When the caller leaves while the handler waits for something, `return`
  // stays queued behind that wait. The signal is there at once. It also aborts
  // after a normal end, which is then no longer counted.
  req.signal.addEventListener(
    "abort",
    () => {
      const code = departed();
      if (code !== undefined) {
        end(code);
      }
    },
    { once: true },
  );
  try {
    const res = await next({
      ...req,
      message: observeMessages(req.message, {
        message: (message) => call.received(input, message),
      }),
    });
    // A stream request is answered by a stream response.
    const stream = res as StreamResponse;
    return {
      ...stream,
      message: observeMessages(stream.message, {
        message: (message) => call.sent(output, message),
        done: () => end(departed() ?? ok),
        failed: (error) => end(serverCode(error, req, call.elapsedMs())),
        abandoned: () => end(departed() ?? Code.Canceled),
      }),
    };
  } catch (error) {
    end(serverCode(error, req, call.elapsedMs()));
    throw error;
  }
}
