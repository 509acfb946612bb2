import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

const labelNames = ["grpc_type", "grpc_service", "grpc_method"];

/**
 * The interceptor that people write with prom-client's own classes, for unary
 * calls: the same six metrics as `connectrpc-prometheus` has.
 */
export function createNaiveInterceptor(
  side: "server" | "client",
  registry: Registry,
): Interceptor {
  const registers = [registry];
  const prefix = `grpc_${side}`;
  const started = new Counter({
    name: `${prefix}_started_total`,
    help: "Calls that began.",
    labelNames,
    registers,
  });
  const handled = new Counter({
    name: `${prefix}_handled_total`,
    help: "Calls that ended.",
    labelNames: [...labelNames, "grpc_code"],
    registers,
  });
  const received = new Counter({
    name: `${prefix}_msg_received_total`,
    help: "Messages that arrived.",
    labelNames,
    registers,
  });
  const sent = new Counter({
    name: `${prefix}_msg_sent_total`,
    help: "Messages that left.",
    labelNames,
    registers,
  });
  const inFlight = new Gauge({
    name: `${prefix}_in_flight`,
    help: "Calls that have not ended.",
    labelNames,
    registers,
  });
  const seconds = new Histogram({
    name: `${prefix}_handling_seconds`,
    help: "Durations of calls.",
    labelNames,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const [first, last] = side === "server" ? [received, sent] : [sent, received];

  return (next) => async (req) => {
    const labels = {
      grpc_type: req.method.methodKind,
      grpc_service: req.service.typeName,
      grpc_method: req.method.name,
    };
    started.inc(labels);
    inFlight.inc(labels);
    first.inc(labels);
    const stopTimer = seconds.startTimer(labels);
    let grpc_code = "OK";
    try {
      const res = await next(req);
      last.inc(labels);
      return res;
    } catch (error) {
      grpc_code = Code[ConnectError.from(error).code];
      throw error;
    } finally {
      stopTimer();
      inFlight.dec(labels);
      handled.inc({ ...labels, grpc_code });
    }
  };
}

/** The least that people write: one counter and one histogram, at the end. */
export function createSmallNaiveInterceptor(registry: Registry): Interceptor {
  const registers = [registry];
  const names = ["service", "method", "code"];
  const requests = new Counter({
    name: "rpc_requests_total",
    help: "Calls that ended.",
    labelNames: names,
    registers,
  });
  const seconds = new Histogram({
    name: "rpc_duration_seconds",
    help: "Durations of calls.",
    labelNames: names,
    registers,
  });
  return (next) => async (req) => {
    const start = performance.now();
    let code = "ok";
    try {
      return await next(req);
    } catch (error) {
      code = Code[ConnectError.from(error).code];
      throw error;
    } finally {
      const labels = {
        service: req.service.typeName,
        method: req.method.name,
        code,
      };
      requests.inc(labels);
      seconds.observe(labels, (performance.now() - start) / 1_000);
    }
  };
}
