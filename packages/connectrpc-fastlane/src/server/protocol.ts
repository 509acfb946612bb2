import type { ConnectError } from "@connectrpc/connect";
import type { LaneCall } from "./lane-call.js";
import type { Wire } from "./wire.js";

/** How a unary call is answered. A promise is to be waited for. */
export interface UnaryProtocol {
  succeed(
    call: LaneCall,
    wire: Wire,
    output: Uint8Array,
  ): Promise<void> | undefined;
  fail(
    call: LaneCall,
    wire: Wire,
    error: ConnectError,
  ): Promise<void> | undefined;
}

/** How a stream is answered, after its headers. */
export interface StreamProtocol {
  /** Whether the outcome goes into trailers. */
  readonly hasTrailer: boolean;
  /**
   * The last envelope, if the outcome goes there. Puts it into the call's
   * trailer otherwise.
   */
  finish(
    call: LaneCall,
    error: ConnectError | undefined,
  ): Uint8Array | undefined;
}
