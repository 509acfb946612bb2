import type {
  Interceptor,
  StreamRequest,
  StreamResponse,
} from "@connectrpc/connect";
import { Call } from "./call.js";
import { registerSeries } from "./exposition.js";
import { observeMessages } from "./observe-messages.js";
import { type MetricsOptions, resolveBuckets } from "./options.js";
import { createSeriesTable } from "./series.js";
import { ok } from "./spelling.js";
import { abortCode, clientCode } from "./status-code.js";

/** Metrics of the calls that a client makes. */
export interface ClientMetrics {
  /**
   * Counts every call of the transports it is given to. Put it first in
   * `interceptors`: the first is the outermost, and only that one sees what
   * the others do.
   */
  interceptor: Interceptor;
}

/**
 * Creates client metrics and registers them:
 * `grpc_client_{started,handled,msg_received,msg_sent}_total`,
 * `grpc_client_in_flight` and `grpc_client_handling_seconds`.
 *
 * One object serves any number of transports. Throws an Error if the registry
 * has client metrics already, and a RangeError for buckets that are not
 * ascending.
 */
export function createClientMetrics(options: MetricsOptions): ClientMetrics {
  const { registry, spelling = "go" } = options;
  const bounds = resolveBuckets(options.buckets);
  const table = createSeriesTable(spelling, bounds ?? []);
  registerSeries({ registry, side: "client", table, spelling, bounds });

  return {
    interceptor: (next) => async (req) => {
      const call = new Call(table.of(req.method), bounds ?? []);
      if (req.stream) {
        return runStream(req, call, next);
      }
      call.sent();
      try {
        const res = await next(req);
        call.received();
        call.end(ok);
        return res;
      } catch (error) {
        call.end(clientCode(error, req.signal));
        throw error;
      }
    },
  };
}

async function runStream(
  req: StreamRequest,
  call: Call,
  next: Parameters<Interceptor>[0],
) {
  // Breaking out of `for await` never reaches an interceptor: the iterables
  // of connect-es leave `return` out. The signal is what ends such a call. It
  // also aborts after a normal end, which `call` then no longer counts.
  const onAbort = () => call.end(abortCode(req.signal));
  req.signal.addEventListener("abort", onAbort, { once: true });
  try {
    const res = await next({
      ...req,
      message: observeMessages(req.message, { message: () => call.sent() }),
    });
    // A stream request is answered by a stream response.
    const stream = res as StreamResponse;
    return {
      ...stream,
      message: observeMessages(stream.message, {
        message: () => call.received(),
        done: () => call.end(ok),
        failed: (error) => call.end(clientCode(error, req.signal)),
        abandoned: onAbort,
      }),
    };
  } catch (error) {
    call.end(clientCode(error, req.signal));
    throw error;
  }
}
