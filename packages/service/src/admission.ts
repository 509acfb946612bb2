import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { afterCall } from "connectrpc-fastlane";
import { Counter, type Registry } from "prom-client";

/** Services that are answered however busy the server is: whoever asks decides by them. */
const alwaysAdmitted = /^grpc\.(health|reflection)\./;

/** How long a caller that was turned away should wait, in seconds. */
export const retryAfterSeconds = 1;

/** Limits how many calls are in flight at once. */
export interface Admission {
  /**
   * Admits a call and returns the function that ends it, to be called once;
   * undefined if there are as many as may be.
   */
  enter(): (() => void) | undefined;
  /**
   * The same for RPCs, as connect-es's `requestGate`: decided from the headers,
   * before a body is read. Throws `unavailable` with `retry-after`.
   */
  requestGate(context: HandlerContext): void;
}

/**
 * Creates the admission of a server. What is over the limit is turned away
 * before the event loop drowns in it: an answer that comes after its caller's
 * deadline is work for nothing.
 */
export function createAdmission(options: {
  maxInFlight: number;
  registry: Registry;
}): Admission {
  const { maxInFlight, registry } = options;
  const shed = new Counter({
    name: "service_calls_shed_total",
    help: "Calls that were turned away because MAX_IN_FLIGHT were in flight.",
    registers: [registry],
  });
  let inFlight = 0;
  const enter = () => {
    if (inFlight >= maxInFlight) {
      shed.inc();
      return undefined;
    }
    inFlight++;
    return () => {
      inFlight--;
    };
  };
  return {
    enter,
    requestGate(context) {
      if (alwaysAdmitted.test(context.service.typeName)) {
        return;
      }
      const leave = enter();
      if (leave === undefined) {
        throw new ConnectError(
          `the server is busy: ${maxInFlight} calls are in flight`,
          Code.Unavailable,
          { "retry-after": String(retryAfterSeconds) },
        );
      }
      afterCall(context, leave);
    },
  };
}
