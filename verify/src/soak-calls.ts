import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import {
  type CallOptions,
  Code,
  ConnectError,
  createClient,
  type Transport,
} from "@connectrpc/connect";
import type { CallKind, Ending, PlannedCall, Road } from "./call-plan.js";
import type { Connection } from "./soak-connection.js";
import { failOrder, type SoakHandlers, waitOrder } from "./soak-handlers.js";

/** What a planned call runs on. */
export interface CallScene {
  readonly handlers: SoakHandlers;
  /** The connection that calls of a road share. */
  shared(road: Road): Connection;
  /** The one for readers that leave early: it will be cut. */
  shortLived(road: Road): Connection;
  /** A new one, for the caller alone. */
  own(road: Road): Connection;
}

/** No call takes so long; one that does has been forgotten. */
const hungMs = 20_000;

const timeouts: Partial<Record<Ending, number>> = {
  deadline: 25,
  // None: the timer of a dropped call keeps it until it fires.
  break: 0,
};

let lastId = 0;

/**
 * Makes a call and ends it as planned. Resolves to undefined, or to a line
 * that tells how it ended otherwise; never rejects.
 */
export async function makeCall(
  planned: PlannedCall,
  scene: CallScene,
): Promise<string | undefined> {
  const { kind, road, ending } = planned;
  const waits =
    ending === "abort" || ending === "deadline" || ending === "disconnect";
  const order = waits
    ? waitOrder(++lastId)
    : ending === "error"
      ? failOrder
      : "Rodrigo";
  const connection = connectionFor(planned, scene);
  const controller = new AbortController();
  const options: CallOptions = {
    signal: controller.signal,
    timeoutMs: timeouts[ending] ?? hungMs,
  };
  const waiting = waits ? scene.handlers.waiting(order) : undefined;
  const outcome = callers[kind](
    connection.transport,
    order,
    options,
    ending,
  ).then(
    () => undefined,
    (error: unknown) => ConnectError.from(error).code,
  );
  if (ending === "abort" || ending === "disconnect") {
    await Promise.race([waiting, outcome]);
    if (ending === "abort") {
      controller.abort();
    } else {
      connection.cut();
    }
  }
  const code = await outcome;
  if (ending === "break-abort") {
    controller.abort();
  }
  return isExpected(ending, code)
    ? undefined
    : `${kind} ${road} ${ending}: ${code === undefined ? "OK" : Code[code]}`;
}

function connectionFor({ ending, road }: PlannedCall, scene: CallScene) {
  switch (ending) {
    case "disconnect":
      return scene.own(road);
    // connect-node keeps a stream with messages that nobody reads, though its
    // caller has left, until the connection ends.
    case "break":
    case "break-abort":
      return scene.shortLived(road);
    default:
      return scene.shared(road);
  }
}

function isExpected(ending: Ending, code: Code | undefined): boolean {
  switch (ending) {
    case "ok":
    case "break":
    case "break-abort":
      return code === undefined;
    case "error":
      return code === Code.NotFound;
    case "abort":
      return code === Code.Canceled;
    case "deadline":
      return code === Code.DeadlineExceeded;
    case "disconnect":
      return code !== undefined;
  }
}

const made = new WeakMap<Transport, ReturnType<typeof createClients>>();

/** The clients of a transport, which cost more to make than a call. */
function clientsOf(transport: Transport) {
  let clients = made.get(transport);
  if (clients === undefined) {
    clients = createClients(transport);
    made.set(transport, clients);
  }
  return clients;
}

function createClients(transport: Transport) {
  return {
    names: createClient(RevertNameService, transport),
    time: createClient(TimeService, transport),
    beats: createClient(HeartbeatService, transport),
  };
}

type Caller = (
  transport: Transport,
  order: string,
  options: CallOptions,
  ending: Ending,
) => Promise<void>;

const callers: Record<CallKind, Caller> = {
  async unary(transport, order, options) {
    await clientsOf(transport).names.revertName({ name: order }, options);
  },
  async server(transport, order, options, ending) {
    const { time } = clientsOf(transport);
    await read(time.watchTime({ timeZone: order }, options), ending);
  },
  async client(transport, order, options) {
    const { beats } = clientsOf(transport);
    await beats.beatHearts(sendBeats(["time", "edge", order]), options);
  },
  async bidi(transport, order, options, ending) {
    const { names } = clientsOf(transport);
    await read(
      names.revertNames(sendNames(["a", "b", order]), options),
      ending,
    );
  },
};

async function* sendBeats(names: readonly string[]) {
  for (const serviceName of names) {
    yield { beat: { serviceName, instanceId: "soak" } };
  }
}

async function* sendNames(names: readonly string[]) {
  for (const name of names) {
    yield { name };
  }
}

async function read(
  messages: AsyncIterable<unknown>,
  ending: Ending,
): Promise<void> {
  for await (const _ of messages) {
    if (ending === "break" || ending === "break-abort") {
      break;
    }
  }
}
