import type { DescMessage } from "@bufbuild/protobuf";
import type { UnaryResponse } from "@connectrpc/connect";
import type { ClientConnections } from "../http2/client-connections.js";
import { Exchange } from "./exchange.js";
import type { Lane, OutgoingRequest } from "./lane.js";
import type { MethodPlan } from "./method-plan.js";
import type { Endable, Lifetime, UnaryCall } from "./unary-call.js";

/** A call, as {@link send} sees it. */
export interface SentCall<I extends DescMessage, O extends DescMessage> {
  readonly lane: Lane;
  readonly connections: ClientConnections;
  readonly plan: MethodPlan<I, O>;
  readonly call: UnaryCall;
  readonly timeoutMs: number | undefined;
  /** Whether the call ends with what is sent: there is no interceptor. */
  readonly endsCall: boolean;
}

/**
 * Sends a request on the lane and gives its response: what is behind the
 * innermost interceptor, which may call it more than once.
 */
export function send<I extends DescMessage, O extends DescMessage>(
  sent: SentCall<I, O>,
  req: OutgoingRequest<I>,
): Promise<UnaryResponse<I, O>> {
  const { call, lane, plan } = sent;
  const { signal } = req;
  const exchange = new Exchange(
    sent.connections,
    lane.decode(plan),
    signal === undefined ? call : lifetimeOf(signal),
    sent.endsCall ? call : undefined,
  );
  try {
    exchange.start(lane.encode(plan, req, sent.timeoutMs));
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
