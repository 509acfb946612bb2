import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";

/** Handlers of all four types that do as they are told. */
export interface SoakHandlers {
  routes(router: ConnectRouter): void;
  /** Handlers that have begun and not ended. */
  active(): number;
  /** Resolves when the handler with this order waits for its caller to leave. */
  waiting(order: string): Promise<void>;
}

/** An order to a handler: to fail. Any other text is answered. */
export const failOrder = "fail";

/** An order to a handler: to wait until its caller has left. */
export function waitOrder(id: number): string {
  return `wait ${id}`;
}

/** Creates handlers whose orders come in the first text field of a request. */
export function createSoakHandlers(): SoakHandlers {
  const listeners = new Map<string, () => void>();
  let active = 0;

  const obey = async (order: string, signal: AbortSignal) => {
    if (order === failOrder) {
      throw new ConnectError("as ordered", Code.NotFound);
    }
    if (order.startsWith("wait")) {
      listeners.get(order)?.();
      listeners.delete(order);
      await departure(signal);
    }
  };
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    active++;
    try {
      return await work();
    } finally {
      active--;
    }
  };
  async function* countedStream<T>(work: () => AsyncIterable<T>) {
    active++;
    try {
      yield* work();
    } finally {
      active--;
    }
  }

  return {
    active: () => active,
    waiting: (order) => new Promise((resolve) => listeners.set(order, resolve)),
    routes(router) {
      router.service(RevertNameService, {
        revertName: ({ name }, { signal }) =>
          counted(async () => {
            await obey(name, signal);
            return { reversedName: name };
          }),
        revertNames: (requests, { signal }) =>
          countedStream(async function* () {
            for await (const { name } of requests) {
              yield { reversedName: name };
              await obey(name, signal);
            }
          }),
      });
      router.service(TimeService, {
        watchTime: ({ timeZone }, { signal }) =>
          countedStream(async function* () {
            yield { rfc3339: "1" };
            yield { rfc3339: "2" };
            await obey(timeZone, signal);
            yield { rfc3339: "3" };
          }),
      });
      router.service(HeartbeatService, {
        beatHearts: (requests, { signal }) =>
          counted(async () => {
            let accepted = 0n;
            for await (const { beat } of requests) {
              accepted++;
              await obey(beat?.serviceName ?? "", signal);
            }
            return { accepted };
          }),
      });
    },
  };
}

/** Rejects with the signal's reason when it aborts. */
function departure(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) {
      leave();
    } else {
      signal.addEventListener("abort", leave, { once: true });
    }
  });
}
