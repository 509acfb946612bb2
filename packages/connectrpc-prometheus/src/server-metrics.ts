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
import { type MetricsOptions, resolveBuckets } from "./options.js";
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
   * RPC that no route matched. Counted as `grpc_service="other"`,
   * `grpc_method="other"`, `Unimplemented`.
   */
  countUnknownMethod(): void;
}

/**
 * Creates server metrics and registers them:
 * `grpc_server_{started,handled,msg_received,msg_sent}_total`,
 * `grpc_server_in_flight` and `grpc_server_handling_seconds`.
 *
 * Throws an Error if the registry has server metrics already, and a RangeError
 * for buckets that are not ascending.
 */
export function createServerMetrics(options: MetricsOptions): ServerMetrics {
  const { registry, spelling = "go" } = options;
  const bounds = resolveBuckets(options.buckets);
  const table = createSeriesTable(spelling, bounds ?? []);
  registerSeries({ registry, side: "server", table, spelling, bounds });
  const start = (method: Parameters<typeof table.of>[0]) =>
    new Call(table.of(method), bounds ?? []);

  return {
    interceptor: (next) => async (req) => {
      const observed = req.contextValues.get(observedCall);
      const call = observed?.call ?? start(req.method);
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
      call.received();
      try {
        const res = await next(req);
        const code = departureCode(req, call.elapsedMs()) ?? ok;
        if (observed === undefined && code === ok) {
          call.sent();
        }
        end(code);
        return res;
      } catch (error) {
        end(serverCode(error, req, call.elapsedMs()));
        throw error;
      }
    },
    observeHandlers(router) {
      observeHandlers(router, (handler) => start(handler.method));
    },
    countUnknownMethod() {
      new Call(table.other(), bounds ?? []).end(Code.Unimplemented);
    },
  };
}

async function runStream(
  req: StreamRequest,
  call: Call,
  end: (code: StatusCode) => void,
  next: Parameters<Interceptor>[0],
) {
  // When the caller leaves while the handler waits for something, `return`
  // stays queued behind that wait. The signal is there at once. It also aborts
  // after a normal end, which is then no longer counted.
  req.signal.addEventListener(
    "abort",
    () => {
      const code = departureCode(req, call.elapsedMs());
      if (code !== undefined) {
        end(code);
      }
    },
    { once: true },
  );
  try {
    const res = await next({
      ...req,
      message: observeMessages(req.message, { message: () => call.received() }),
    });
    // A stream request is answered by a stream response.
    const stream = res as StreamResponse;
    return {
      ...stream,
      message: observeMessages(stream.message, {
        message: () => call.sent(),
        done: () => end(departureCode(req, call.elapsedMs()) ?? ok),
        failed: (error) => end(serverCode(error, req, call.elapsedMs())),
        abandoned: () =>
          end(departureCode(req, call.elapsedMs()) ?? Code.Canceled),
      }),
    };
  } catch (error) {
    end(serverCode(error, req, call.elapsedMs()));
    throw error;
  }
}
