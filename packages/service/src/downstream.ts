import type { SecureContextOptions } from "node:tls";
import {
  createClient,
  type Interceptor,
  type Transport,
} from "@connectrpc/connect";
import { Health, HealthCheckResponse_ServingStatus } from "connectrpc-health";
import type { Part } from "./readiness.js";
import { createServiceTransport } from "./transport.js";

/** Another service that this one calls. */
export interface Downstream {
  /** Calls are measured, and carry the request id of their `contextValues`. */
  transport: Transport;
}

/** What {@link connectDownstream} needs. */
export interface DownstreamOptions {
  baseUrl: string;
  interceptors: Interceptor[];
  maxMessageBytes: number;
  /** Whom to trust and what to show, for an `https` address. */
  tls?: SecureContextOptions;
  /** Whether unary calls take the fast lane. By default, they do. */
  fastlane?: boolean;
  /** Is told whether the other service answers. */
  part: Part;
  /**
   * Time between two questions while the other service answers. By default,
   * 2,000 ms; a quarter of it while it does not.
   */
  checkIntervalMs?: number;
}

/**
 * Connects to another service and keeps asking its health, so that readiness
 * knows of a service that is away, or hangs, before a caller does.
 */
export function connectDownstream(
  options: DownstreamOptions,
): Downstream & { close(): void } {
  const { part, checkIntervalMs = 2_000, ...transportOptions } = options;
  const calls = createServiceTransport(transportOptions);
  // Without the interceptors: what a process asks for its own sake is no call
  // of its users, and must not show among them.
  const checks = createServiceTransport({
    ...transportOptions,
    interceptors: [],
  });
  const health = createClient(Health, checks.transport);
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  const check = async () => {
    let pause = checkIntervalMs / 4;
    try {
      const { status } = await health.check({}, { timeoutMs: 1_000 });
      if (status === HealthCheckResponse_ServingStatus.SERVING) {
        part.up();
        pause = checkIntervalMs;
      } else {
        part.down("says that it is not serving");
      }
    } catch {
      // The cause is in the log of whoever called; here the address is enough.
      part.down(`does not answer at ${options.baseUrl}`);
    }
    if (!closed) {
      timer = setTimeout(check, pause);
    }
  };
  void check();
  return {
    transport: calls.transport,
    close() {
      closed = true;
      clearTimeout(timer);
      calls.close();
      checks.close();
    },
  };
}
