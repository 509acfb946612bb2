import { Code, ConnectError } from "@connectrpc/connect";
import { errorCode } from "./frame-format.js";

/** Whether a server has asked for fewer pings, in gRPC's words. */
export function isTooManyPings(code: number, debug: Buffer): boolean {
  return (
    code === errorCode.enhanceYourCalm &&
    debug.toString("latin1") === "too_many_pings"
  );
}

/** The error of calls that a GOAWAY with a code has ended, as connect-node has it. */
export function goawayError(code: number, debug: Buffer): Error {
  return isTooManyPings(code, debug)
    ? new ConnectError(
        "http/2 connection closed with error code ENHANCE_YOUR_CALM (0xb), too_many_pings, doubled the interval",
        Code.ResourceExhausted,
      )
    : new Error(`Session closed with error code ${code}`);
}
