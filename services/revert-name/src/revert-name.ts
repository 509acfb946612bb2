import type { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { delay } from "@both-ends/service";
import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { injectFault } from "./injected-fault.js";
import { reverseGraphemes } from "./reverse-graphemes.js";

/** The handlers of the service. */
type Handlers = ServiceImpl<typeof RevertNameService>;

/** What a handler may do besides reversing. */
export interface RevertNameOptions {
  /** Whether some names fail on purpose. */
  faultInjection: boolean;
}

/** Makes the handler of RevertName. */
export function createRevertName(
  options: RevertNameOptions,
): Handlers["revertName"] {
  return async (request, context) => ({
    reversedName: await revert(request, context, options),
  });
}

/** Makes the handler of RevertNames: each message in order, as it comes. */
export function createRevertNames(
  options: RevertNameOptions,
): Handlers["revertNames"] {
  return async function* (requests, context) {
    for await (const request of requests) {
      yield { reversedName: await revert(request, context, options) };
    }
  };
}

/**
 * Waits, fails if the name asks for it, and reverses. The signal is asked for
 * by those that wait alone: on the fast lane it is made then.
 */
async function revert(
  request: { name: string; delay?: Duration | undefined },
  context: Pick<HandlerContext, "signal">,
  options: RevertNameOptions,
): Promise<string> {
  if (request.delay !== undefined) {
    await delay(durationMs(request.delay), context.signal);
  }
  if (options.faultInjection) {
    injectFault(request.name);
  }
  return reverseGraphemes(request.name);
}
