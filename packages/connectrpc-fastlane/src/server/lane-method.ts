import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { Interceptor, MethodImplSpec } from "@connectrpc/connect";
import type { UniversalHandlerOptions } from "@connectrpc/connect/protocol";
import { type Codec, createCodecs } from "./codec.js";
import { createNegotiation, type Negotiate } from "./negotiate.js";
import type { LaneObservation } from "./observation.js";

/** A method as the lane serves it: all that its calls have in common. */
export interface LaneMethod {
  readonly spec: MethodImplSpec;
  readonly method: DescMethod;
  readonly options: UniversalHandlerOptions;
  /** The last one first, as they are put around the implementation. */
  readonly interceptors: readonly Interceptor[];
  /** By the content type of the request. Empty for calls not on the lane. */
  readonly codecs: ReadonlyMap<string, Codec>;
  /** Whether a Connect GET may call it. */
  readonly allowsGet: boolean;
  readonly negotiate: Negotiate;
  readonly observe: LaneObservation | undefined;
  /** Whether something else replaced the handler that connect-es made. */
  wrapped: boolean;
}

/** Prepares a method. */
export function createLaneMethod(
  spec: MethodImplSpec,
  options: UniversalHandlerOptions,
  enabled: { grpc: boolean; connect: boolean },
  observe: LaneObservation | undefined,
): LaneMethod {
  const { method } = spec;
  const served = spec.kind === "unary" || spec.kind === "server_streaming";
  return {
    spec,
    method,
    options,
    interceptors: options.interceptors
      .filter((interceptor) => interceptor !== observe?.replaces)
      .reverse(),
    codecs: served ? createCodecs(spec, options, enabled) : new Map(),
    allowsGet:
      spec.kind === "unary" &&
      enabled.connect &&
      method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS,
    negotiate: createNegotiation(options.acceptCompression),
    observe,
    wrapped: false,
  };
}
