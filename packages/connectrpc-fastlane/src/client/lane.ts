import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { UnaryResponse } from "@connectrpc/connect";
import type { ExchangeRequest, ResponseReader } from "./exchange.js";
import type { MethodPlan } from "./method-plan.js";

/** What Headers are made of. */
export type HeadersInit = ConstructorParameters<typeof Headers>[0];

/** A request as it left the interceptors, or as it is if there are none. */
export interface OutgoingRequest<I extends DescMessage> {
  readonly message: MessageShape<I>;
  readonly url: string;
  readonly requestMethod: string;
  /** Undefined if nobody gave any, nor looked at them. */
  readonly header: Headers | undefined;
  /** Undefined if the call's own counts. */
  readonly signal: AbortSignal | undefined;
}

/** A protocol, as the lane speaks it. */
export interface Lane {
  /** What all requests have, as names, each followed by its value. */
  readonly commonFields: readonly string[];
  /**
   * The Headers of a request before interceptors see it. Throws a TypeError if
   * what was given makes none.
   */
  makeHeader(timeoutMs: number | undefined, given?: HeadersInit): Headers;
  /**
   * The request as it goes out, with its message. `timeoutMs` counts only
   * where no Headers were made, because they say it, too. Throws a
   * ConnectError if the message cannot be written, or for Headers that HTTP/2
   * does not have.
   */
  encode<I extends DescMessage, O extends DescMessage>(
    plan: MethodPlan<I, O>,
    req: OutgoingRequest<I>,
    timeoutMs: number | undefined,
  ): ExchangeRequest;
  /** Makes a response of what arrives. */
  decode<I extends DescMessage, O extends DescMessage>(
    plan: MethodPlan<I, O>,
  ): ResponseReader<UnaryResponse<I, O>>;
}
