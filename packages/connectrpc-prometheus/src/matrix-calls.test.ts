import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import {
  type CallOptions,
  type ConnectRouter,
  createClient,
  type HandlerContext,
  type Transport,
} from "@connectrpc/connect";

/** The four types of calls, with the method that stands for each. */
export const kinds = {
  unary: "RevertName",
  server_streaming: "WatchTime",
  client_streaming: "BeatHearts",
  bidi_streaming: "RevertNames",
} as const;

/** A type of calls. */
export type Kind = keyof typeof kinds;

/** Whether the client sends a stream. */
export function sendsMany(kind: Kind): boolean {
  return kind === "client_streaming" || kind === "bidi_streaming";
}

/** Whether the server answers with a stream. */
export function answersMany(kind: Kind): boolean {
  return kind === "server_streaming" || kind === "bidi_streaming";
}

/**
 * A handler in the same form for all types: texts in, texts out. A method that
 * answers once sends the last text.
 */
export type Handle = (
  requests: AsyncIterable<string>,
  context: HandlerContext,
) => AsyncIterable<string>;

/** Serves the four methods with one handler. */
export function serveKinds(router: ConnectRouter, handle: Handle): void {
  router.service(RevertNameService, {
    async revertName({ name }, context) {
      return { reversedName: await last(handle(iterate([name]), context)) };
    },
    async *revertNames(requests, context) {
      const names = map(requests, ({ name }) => name);
      yield* map(handle(names, context), (reversedName) => ({ reversedName }));
    },
  });
  router.service(TimeService, {
    async *watchTime({ timeZone }, context) {
      const answers = handle(iterate([timeZone]), context);
      yield* map(answers, (rfc3339) => ({ rfc3339 }));
    },
  });
  router.service(HeartbeatService, {
    async beatHearts(requests, context) {
      const names = map(requests, ({ beat }) => beat?.serviceName ?? "");
      return { rejected: [{ reason: await last(handle(names, context)) }] };
    },
  });
}

/** What a caller sends: texts, each after the waits that stand before it. */
export type Requests = readonly (string | Promise<unknown>)[];

/**
 * Calls a method, in the same form for all types. The answers of a stream are
 * those of connect-es, so that leaving them early is what it is for its users.
 */
export function call(
  kind: Kind,
  transport: Transport,
  requests: Requests,
  options: CallOptions,
): AsyncIterable<string> {
  const [first = ""] = requests.filter(isText);
  const { revertName, revertNames } = createClient(
    RevertNameService,
    transport,
  );
  const { watchTime } = createClient(TimeService, transport);
  const { beatHearts } = createClient(HeartbeatService, transport);
  switch (kind) {
    case "unary":
      return once(async () => {
        const { reversedName } = await revertName({ name: first }, options);
        return reversedName;
      });
    case "server_streaming":
      return map(
        watchTime({ timeZone: first }, options),
        ({ rfc3339 }) => rfc3339,
      );
    case "client_streaming":
      return once(async () => {
        const beats = map(send(requests), (serviceName) => ({
          beat: { serviceName },
        }));
        const { rejected } = await beatHearts(beats, options);
        return rejected[0]?.reason ?? "";
      });
    case "bidi_streaming": {
      const names = map(send(requests), (name) => ({ name }));
      return map(
        revertNames(names, options),
        ({ reversedName }) => reversedName,
      );
    }
  }
}

async function* send(requests: Requests): AsyncIterable<string> {
  for (const item of requests) {
    if (isText(item)) {
      yield item;
    } else {
      await item;
    }
  }
}

/** Also for an object that is to be taken for a text. */
function isText(item: Requests[number]): item is string {
  return !(item instanceof Promise);
}

async function* map<T, U>(
  items: AsyncIterable<T>,
  change: (item: T) => U,
): AsyncIterable<U> {
  for await (const item of items) {
    yield change(item);
  }
}

async function* once<T>(make: () => Promise<T>): AsyncIterable<T> {
  yield await make();
}

async function* iterate<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
}

async function last(texts: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (text of texts) {
    // The last one remains.
  }
  return text;
}
