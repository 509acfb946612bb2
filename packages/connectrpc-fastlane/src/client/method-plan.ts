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

/** What all calls of a method share. */
export interface MethodPlan<I extends DescMessage, O extends DescMessage> {
  readonly method: DescMethodUnary<I, O>;
  readonly url: string;
  readonly path: string;
  /** All fields of a request that says no more than others. */
  readonly fields: readonly string[];
  /** The same with a timeout: that of the last call which had one. */
  timed: { readonly timeoutMs: number; readonly fields: readonly string[] };
  /** Throws a ConnectError, also for more than `writeMaxBytes`. */
  serialize(message: MessageShape<I>): Uint8Array;
  /** Throws a ConnectError, also for more than `readMaxBytes`. */
  parse(bytes: Uint8Array): MessageShape<O>;
}

/** Makes the plan of each method once. */
export function createMethodPlans(
  settings: LaneSettings,
  commonFields: readonly string[],
) {
  const plans = new WeakMap<object, MethodPlan<DescMessage, DescMessage>>();
  return <I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
  ): MethodPlan<I, O> => {
    let plan = plans.get(method);
    if (plan === undefined) {
      // The map gives each method its own plan, of its own types.
      plan = createMethodPlan(
        settings,
        commonFields,
        method,
      ) as unknown as MethodPlan<DescMessage, DescMessage>;
      plans.set(method, plan);
    }
    return plan as unknown as MethodPlan<I, O>;
  };
}

function createMethodPlan<I extends DescMessage, O extends DescMessage>(
  settings: LaneSettings,
  commonFields: readonly string[],
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
  const { pathname, search } = new URL(url);
  const path = pathname + search;
  const fields = [...pseudoFields(settings, "POST", path), ...commonFields];
  return {
    method,
    url,
    path,
    fields,
    timed: { timeoutMs: Number.NaN, fields },
    serialize: lookup.getI(useBinaryFormat).serialize,
    parse: lookup.getO(useBinaryFormat).parse,
  };
}

/** How each request begins. */
export function pseudoFields(
  { connections }: LaneSettings,
  method: string,
  path: string,
): string[] {
  return [
    ":method",
    method,
    ":scheme",
    connections.scheme,
    ":authority",
    connections.authority,
    ":path",
    path,
  ];
}

/** All fields of a request with a timeout, which is often the same as before. */
export function timedFields(
  plan: Pick<MethodPlan<DescMessage, DescMessage>, "fields" | "timed">,
  timeoutMs: number,
  name: string,
  format: (timeoutMs: number) => string,
): readonly string[] {
  if (plan.timed.timeoutMs !== timeoutMs) {
    const fields = [...plan.fields, name, format(timeoutMs)];
    plan.timed = { timeoutMs, fields };
  }
  return plan.timed.fields;
}

/**
 * The path with its query of a request, which an interceptor may have changed.
 * Throws a TypeError if that is no URL, and a ConnectError with the code
 * `internal` if the connection is to another host.
 */
export function pathFor(
  plan: Pick<MethodPlan<DescMessage, DescMessage>, "url" | "path">,
  url: string,
  { connections }: LaneSettings,
): string {
  if (url === plan.url) {
    return plan.path;
  }
  const { origin, pathname, search } = new URL(url);
  if (origin !== connections.origin) {
    throw new ConnectError(
      `cannot make a request to ${origin}: the http2 session is connected to ${connections.origin}`,
      Code.Internal,
    );
  }
  return pathname + search;
}
