import type { DescMessage, Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type ContextKey } from "@connectrpc/connect";
import type { Call } from "./call.js";
import { ok, type StatusCode } from "./spelling.js";
import {
  abortCode,
  codeFromErrorStatus,
  goneCode,
  type HandledCall,
} from "./status-code.js";
import type { WireStatus } from "./wire-status.js";

/**
 * A call that is counted from outside of the interceptors, and what the
 * interceptor has to say of it.
 */
export interface ObservedCall {
  /** Undefined for a method that is not counted. */
  readonly call: Call | undefined;
  /** How the handler ended for the interceptor, undefined if it never came there. */
  seen?: StatusCode;
  /** The response of a unary call, which is sent if it can be serialised. */
  response?: Message;
}

/** Where the interceptor finds the call that the handler's wrapper began. */
export type ObservedCallKey = ContextKey<ObservedCall | undefined>;

/** The ways in which an observed call may end. Only the first one counts. */
export interface CallEnds {
  /** There is a response, which may still be on its way. */
  begun(status: number, wire: WireStatus): void;
  /** The response is complete. */
  done(): void;
  /** There is no response, or it broke off. */
  failed(): void;
  /** The caller is gone. */
  gone(): void;
  /** Ends the call if its caller is gone, now or later. */
  watch(): void;
}

/** Ends a call by what is known of it from outside: its request and response. */
export function createCallEnds(
  { signal, header }: HandledCall,
  output: DescMessage,
  call: Call,
  record: ObservedCall,
): CallEnds {
  let httpStatus = 200;
  let wire: WireStatus | undefined;
  let over = false;
  let watched = false;
  const end = (code: StatusCode) => {
    over = true;
    if (code === ok && record.response !== undefined) {
      call.sent(output, record.response);
    }
    call.end(code);
    if (watched) {
      signal.removeEventListener("abort", gone);
    }
  };
  const gone = () => {
    // In memory the signal is the client's own. It also aborts when the client
    // has read how the call ended, with that code.
    const told = wire?.told() ? wire.code(record.seen) : undefined;
    if (told !== undefined && (!signal.aborted || abortCode(signal) === told)) {
      return end(told);
    }
    // connect-node's signal also aborts, without a reason, when connect-es
    // refuses a request before it has read all of it.
    const refused =
      httpStatus !== 200 &&
      record.seen === undefined &&
      record.response === undefined;
    if (refused && !(signal.reason instanceof ConnectError)) {
      return end(codeFromErrorStatus(httpStatus));
    }
    end(goneCode({ signal, header }, call.elapsedMs()));
  };

  return {
    begun(status, of) {
      httpStatus = status;
      wire = of;
    },
    done: () => end(wire?.code(record.seen) ?? Code.Internal),
    failed: () => end(Code.Internal),
    gone,
    watch() {
      if (over) {
        return;
      }
      if (signal.aborted) {
        return gone();
      }
      watched = true;
      signal.addEventListener("abort", gone);
    },
  };
}
