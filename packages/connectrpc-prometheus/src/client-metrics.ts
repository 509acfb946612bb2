import type {
  Interceptor,
  StreamRequest,
  StreamResponse,
} from "@connectrpc/connect";
import { Code } from "@connectrpc/connect";
import { Call } from "./call.js";
import { registerSeries } from "./exposition.js";
import { observeMessages, observeOutgoing } from "./observe-messages.js";
import { type MetricsOptions, resolveOptions } from "./options.js";
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
 * has client metrics already, a RangeError for buckets that do not ascend, and
 * a TypeError for labels that are not allowed and for options that exclude
 * each other.
 */
export function createClientMetrics(options: MetricsOptions): ClientMetrics {
  const settings = resolveOptions(options);
  const table = createSeriesTable(settings);
  registerSeries("client", table, settings);
  const { exemplar } = settings;

  return {
    interceptor: (next) => async (req) => {
      const series = table.of(req);
      if (series === undefined) {
        return next(req);
      }
      const call = new Call(series, settings);
      if (exemplar !== undefined) {
        call.exemplar = () => exemplar(req);
      }
      if (req.stream) {
        return runStream(req, call, next);
      }
      call.sent(req.method.input, req.message);
      try {
        const res = await next(req);
        // A unary request is answered by a unary response.
        if (!res.stream) {
          call.received(req.method.output, res.message);
        }
        call.end(ok);
        return res;
      } catch (error) {
        call.end(clientCode(error, req.signal));
        throw error;
      }
    },
  };
}

/**
 * Ends calls whose reader broke out of `for await`, or never began to read,
 * and dropped the stream without aborting it: the iterables of connect-es leave
 * `return` out, so that nothing else ever tells. The garbage collector finds
 * what they left.
 */
const dropped = new FinalizationRegistry<Call>((call) =>
  call.end(Code.Canceled),
);

async function runStream(
  req: StreamRequest,
  call: Call,
  next: Parameters<Interceptor>[0],
) {
  const { input, output, methodKind } = req.method;
  const onAbort = () => call.end(abortCode(req.signal));
  // It also aborts after a normal end, which `call` then no longer counts.
  req.signal.addEventListener("abort", onAbort, { once: true });
  const requests = observeOutgoing(req.message, {
    message: (message) => call.sent(input, message),
  });
  // Browsers cannot stream a request: connect-web takes the only message and
  // does not come back for more.
  const settle = () => {
    if (methodKind === "server_streaming") {
      requests.settle();
    }
  };
  try {
    const res = await next({ ...req, message: requests.messages });
    settle();
    if (req.signal.aborted) {
      onAbort();
    }
    // A stream request is answered by a stream response.
    const stream = res as StreamResponse;
    let count = 0;
    const message = observeMessages(stream.message, {
      message(message) {
        count++;
        call.received(output, message);
      },
      done() {
        dropped.unregister(call);
        requests.settle();
        // connect-es refuses any other number outside of the interceptors.
        const single = methodKind !== "client_streaming" || count === 1;
        call.end(single ? ok : Code.Unimplemented);
      },
      failed(error) {
        dropped.unregister(call);
        call.end(clientCode(error, req.signal));
      },
      abandoned: onAbort,
    });
    dropped.register(message, call, call);
    return { ...stream, message };
  } catch (error) {
    settle();
    call.end(clientCode(error, req.signal));
    throw error;
  }
}
