import type { DescMessage } from "@bufbuild/protobuf";
import type { UnaryResponse } from "@connectrpc/connect";
import { Exchange, type SessionManager } from "./exchange.js";
import type { Lane, OutgoingRequest } from "./lane.js";
import type { MethodPlan } from "./method-plan.js";
import type { Endable, Lifetime, UnaryCall } from "./unary-call.js";

/** A call, as {@link send} sees it. */
export interface SentCall<I extends DescMessage, O extends DescMessage> {
  readonly lane: Lane;
  readonly sessionManager: SessionManager;
  readonly plan: MethodPlan<I, O>;
  readonly call: UnaryCall;
  readonly timeoutMs: number | undefined;
}

/**
 * Sends a request on the lane and gives its response: what is behind the
 * innermost interceptor, which may call it more than once.
 */
export function send<I extends DescMessage, O extends DescMessage>(
  { lane, sessionManager, plan, call, timeoutMs }: SentCall<I, O>,
  req: OutgoingRequest<I>,
): Promise<UnaryResponse<I, O>> {
  const { signal } = req;
  const exchange = new Exchange(
    lane.decode(plan),
    signal === undefined ? call : lifetimeOf(signal),
  );
  try {
    exchange.start(sessionManager, lane.encode(plan, req, timeoutMs));
  } catch (error) {
    exchange.fail(error);
  }
  return exchange.response;
}

/** That of a signal which an interceptor has put into the request. */
function lifetimeOf(signal: AbortSignal): Lifetime {
  let onAbort: (() => void) | undefined;
  return {
    attach(exchange: Endable) {
      if (signal.aborted) {
        exchange.abort(signal.reason);
        return;
      }
      onAbort = () => exchange.abort(signal.reason);
      signal.addEventListener("abort", onAbort);
    },
    detach() {
      if (onAbort !== undefined) {
        signal.removeEventListener("abort", onAbort);
      }
    },
    expireIfDue() {},
  };
}
