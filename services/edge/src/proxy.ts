import type {
  EdgeService,
  ProxyResponse,
} from "@both-ends/gen/edge/v1/edge_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import type { DescMethod } from "@bufbuild/protobuf";
import {
  type CallOptions,
  type Client,
  ConnectError,
  type ContextValues,
  type ServiceImpl,
} from "@connectrpc/connect";

/** What {@link createProxy} needs. */
export interface ProxyOptions {
  revertName: Client<typeof RevertNameService>;
  time: Client<typeof TimeService>;
  /** How long each of the two calls may take, in milliseconds. */
  callTimeoutMs: number;
}

/** What a proxied request brings along. */
export interface ProxyCaller {
  /** Aborts when the caller leaves, and not when it has been answered. */
  signal: AbortSignal;
  /** What is left of the caller's own deadline, undefined if it has none. */
  timeoutMs?: number | undefined;
  /** Carries the request id into both calls. */
  contextValues: ContextValues;
}

/** Both answers, in the order of REST's keys. */
export type ProxyResult = Pick<ProxyResponse, "name" | "reversedName" | "time">;

/** The function behind the REST route and the RPC. */
export type ProxyCall = (
  name: string,
  caller: ProxyCaller,
) => Promise<ProxyResult>;

/**
 * Creates the function that asks both services at the same time. When one of
 * the calls fails, the other is left to finish within its deadline and its
 * result dropped: cancelling it would count a `Canceled` that nobody caused.
 * Nothing is retried.
 *
 * Throws a ConnectError of the code of the call that failed first, with its
 * service and method in the metadata.
 */
export function createProxy(options: ProxyOptions): ProxyCall {
  const { revertName, time, callTimeoutMs } = options;
  return async (name, caller) => {
    const { signal, contextValues, timeoutMs = callTimeoutMs } = caller;
    const callOptions: CallOptions = {
      signal,
      timeoutMs: Math.min(callTimeoutMs, timeoutMs),
      contextValues,
    };
    const [reverted, told] = await Promise.all([
      revertName
        .revertName({ name }, callOptions)
        .catch(failedCall(RevertNameService.method.revertName)),
      time
        .whatTimeIs({}, callOptions)
        .catch(failedCall(TimeService.method.whatTimeIs)),
    ]);
    return { name, reversedName: reverted.reversedName, time: told.rfc3339 };
  };
}

/** Names of the metadata that say which call failed. */
export const failedServiceHeader = "failed-service";
export const failedMethodHeader = "failed-method";

/**
 * Says which call failed. The message is the one that the other service chose
 * to send; what went wrong on the way there stays in the cause.
 */
function failedCall(method: DescMethod): (reason: unknown) => never {
  return (reason) => {
    const { code, rawMessage, cause } = ConnectError.from(reason);
    const service = method.parent.typeName;
    const why = cause === undefined ? rawMessage : "it could not be reached";
    throw new ConnectError(
      `${service}/${method.name} failed: ${why}`,
      code,
      {
        [failedServiceHeader]: service,
        [failedMethodHeader]: method.name,
      },
      undefined,
      reason,
    );
  };
}

/** Makes the handler of the RPC. */
export function createProxyHandler(
  proxy: ProxyCall,
): ServiceImpl<typeof EdgeService>["proxy"] {
  return async (request, context) => {
    // A handler's own signal also aborts when the handler is done, and that
    // must not cancel the call that is still out.
    const caller = new AbortController();
    const leave = () => caller.abort(context.signal.reason);
    context.signal.addEventListener("abort", leave, { once: true });
    try {
      return await proxy(request.name, {
        signal: caller.signal,
        timeoutMs: context.timeoutMs(),
        contextValues: context.values,
      });
    } finally {
      context.signal.removeEventListener("abort", leave);
    }
  };
}
