import type { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { delay } from "@both-ends/service";
import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
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
  return async (request, { signal }) => ({
    reversedName: await revert(request, signal, options),
  });
}

/** Makes the handler of RevertNames: each message in order, as it comes. */
export function createRevertNames(
  options: RevertNameOptions,
): Handlers["revertNames"] {
  return async function* (requests, { signal }) {
    for await (const request of requests) {
      yield { reversedName: await revert(request, signal, options) };
    }
  };
}

/** Waits, fails if the name asks for it, and reverses. */
async function revert(
  request: { name: string; delay?: Duration | undefined },
  signal: AbortSignal,
  options: RevertNameOptions,
): Promise<string> {
  if (request.delay !== undefined) {
    await delay(durationMs(request.delay), signal);
  }
  if (options.faultInjection) {
    injectFault(request.name);
  }
  return reverseGraphemes(request.name);
}
