import type {
  DescMessage,
  DescMethodUnary,
  MessageShape,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  createMethodSerializationLookup,
  createMethodUrl,
} from "@connectrpc/connect/protocol";
import type { LaneSettings } from "./lane-settings.js";

/** Where a call goes to. */
export interface Target {
  readonly origin: string;
  /** The path with its query. */
  readonly path: string;
}

/** What all calls of a method share. */
export interface MethodPlan<I extends DescMessage, O extends DescMessage> {
  readonly method: DescMethodUnary<I, O>;
  readonly url: string;
  readonly target: Target;
  /** Throws a ConnectError, also for more than `writeMaxBytes`. */
  serialize(message: MessageShape<I>): Uint8Array;
  /** Throws a ConnectError, also for more than `readMaxBytes`. */
  parse(bytes: Uint8Array): MessageShape<O>;
}

/** Makes the plan of each method once. */
export function createMethodPlans(settings: LaneSettings) {
  const plans = new WeakMap<object, MethodPlan<DescMessage, DescMessage>>();
  return <I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
  ): MethodPlan<I, O> => {
    let plan = plans.get(method);
    if (plan === undefined) {
      plan = createMethodPlan(settings, method) as unknown as MethodPlan<
        DescMessage,
        DescMessage
      >;
      plans.set(method, plan);
    }
    // The map gives each method its own plan, of its own types.
    return plan as unknown as MethodPlan<I, O>;
  };
}

function createMethodPlan<I extends DescMessage, O extends DescMessage>(
  settings: LaneSettings,
  method: DescMethodUnary<I, O>,
): MethodPlan<I, O> {
  const { baseUrl, binaryOptions, jsonOptions, useBinaryFormat } = settings;
  const lookup = createMethodSerializationLookup(
    method,
    binaryOptions,
    jsonOptions,
    settings,
  );
  const url = createMethodUrl(baseUrl, method);
  return {
    method,
    url,
    target: targetOf(url),
    serialize: lookup.getI(useBinaryFormat).serialize,
    parse: lookup.getO(useBinaryFormat).parse,
  };
}

/**
 * Where a request goes to, which an interceptor may have changed. Throws a
 * TypeError if that is no URL, and a ConnectError with the code `internal` if
 * the session is connected to another host.
 */
export function targetFor(
  plan: Pick<MethodPlan<DescMessage, DescMessage>, "url" | "target">,
  url: string,
  { sessionManager }: LaneSettings,
): Target {
  const target = url === plan.url ? plan.target : targetOf(url);
  if (target.origin !== sessionManager.authority) {
    throw new ConnectError(
      `cannot make a request to ${target.origin}: the http2 session is connected to ${sessionManager.authority}`,
      Code.Internal,
    );
  }
  return target;
}

function targetOf(url: string): Target {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
}
