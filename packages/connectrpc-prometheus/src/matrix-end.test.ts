import {
  answersMany,
  type Handle,
  type Requests,
  sendsMany,
} from "./matrix-calls.test.js";
import { carrierOf } from "./matrix-link.test.js";
import type { Cell, Scene, SceneOptions } from "./matrix-scene.test.js";

/** One way in which calls end, for all cells. */
export interface End extends SceneOptions {
  /** What happens, as the end of "counts …". */
  readonly name: string;
  /** Why a cell is left out, where it is. */
  leftOut?(cell: Cell): string | false;
  /** What the handler does. By default, it reads all and answers. */
  handle?(scene: Scene): Handle;
  /** What the caller does. By default, it sends all and reads all. */
  drive?(scene: Scene): Promise<void>;
  /** What both ends count. */
  expected(cell: Cell): Expected;
  /** Whether the end is that of a bidi stream over HTTP/1.1, which is refused. */
  readonly halfDuplex?: boolean;
  /** Whether a client's call ends only when its remains are collected. */
  readonly collected?: boolean;
  /** Whether it may go wrong by bad timing, which is no fault of what is tested. */
  readonly timely?: boolean;
}

/** What both ends of a call count. */
export interface Expected {
  /**
   * The code that the client counts, and that its caller gets. "any" error,
   * where the kind of connection decides: whatever the caller gets.
   */
  readonly client: string;
  /** The code that the caller gets, where it is not that of the client. */
  readonly caller?: string;
  /**
   * The code that the server counts, or any of several where what arrives
   * first decides. By default, that of the client.
   */
  readonly server?: string | readonly string[];
  /** The code that the server counts once its connection is closed. */
  readonly afterwards?: string;
  /** Messages that the client sends and receives, `[least, most]` for races. */
  readonly sent: Count;
  readonly received: Count;
  /** Those of the server. By default, what the client sends and receives. */
  readonly serverReceived?: Count;
  readonly serverSent?: Count;
}

/** A number, or the least and the most of it. */
export type Count = number | readonly [least: number, most: number];

/** What a server counts that the call never comes to. */
export const nothing = "nothing";

/** What a server counts whose handler goes on. */
export const inFlight = "in flight";

/** What a caller sends, and what arrives if all is well. */
export function asked({ kind }: Cell): readonly string[] {
  return sendsMany(kind) ? ["a", "b"] : ["a"];
}

/** The number of answers if all is well. */
export function answered({ kind }: Cell): number {
  return answersMany(kind) ? 2 : 1;
}

/** The number of answers that arrive before something goes wrong. */
export function until({ kind }: Cell): number {
  return answersMany(kind) ? 2 : 0;
}

/**
 * The number of messages that a client sends whose server reads none: what
 * leaves before it learns of that, or nothing where only reading fetches it.
 */
export function unread(cell: Cell): Count {
  const all = asked(cell).length;
  return sendsMany(cell.kind) || carrierOf(cell.link) === "memory"
    ? [0, all]
    : all;
}

/**
 * The number of messages that a client counts as sent which could not leave.
 * fetch takes the only one of a server stream before it fails, and a unary
 * call counts its request in any case.
 */
export function unsent({ kind, link }: Cell): number {
  return kind === "unary" || carrierOf(link) === "fetch" ? 1 : 0;
}

/** Why a cell is left out whose client has no such option. */
export function needsClientOption({ link }: Cell): string | false {
  return carrierOf(link) === "fetch" && "connect-web leaves this to fetch";
}

/** The messages of a call that fails once all was read, and of a cancelled one. */
export function halfWay(cell: Cell): Pick<Expected, "sent" | "received"> {
  return { sent: asked(cell).length, received: until(cell) };
}

/**
 * A handler that reads all, answers if it may answer more than once, does
 * something else, and then answers if it may answer but once.
 */
export function answering(
  scene: Scene,
  last: (context: Parameters<Handle>[1]) => Promise<void> | void = () => {},
): Handle {
  return async function* (requests, context) {
    for await (const _ of requests) {
      // Read to the end.
    }
    if (answersMany(scene.cell.kind)) {
      yield "1";
      yield "2";
    }
    await last(context);
    if (!answersMany(scene.cell.kind)) {
      yield "1";
    }
  };
}

/**
 * A handler whose caller has not yet said all, and which waits after it has
 * answered what it can: for its signal, or for its release where it ignores
 * that, and then answers once more.
 */
function waiting(scene: Scene, signals: "honoured" | "ignored"): Handle {
  return async function* (requests, { signal }) {
    const it = requests[Symbol.asyncIterator]();
    for (const _ of asked(scene.cell)) {
      await it.next();
    }
    if (answersMany(scene.cell.kind)) {
      yield "1";
      yield "2";
    }
    scene.waiting.open();
    if (signals === "honoured") {
      await aborted(signal);
    }
    await scene.release.opened;
    yield "3";
  };
}

/** A {@link waiting} handler that honours its signal. */
export function honours(scene: Scene): Handle {
  return waiting(scene, "honoured");
}

/** A {@link waiting} handler that ignores its signal. */
export function ignores(scene: Scene): Handle {
  return waiting(scene, "ignored");
}

/** Rejects with the reason of the signal when it aborts. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
    }
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** What a caller says who has not yet said all. */
export function unfinished({ cell, over }: Scene): Requests {
  return sendsMany(cell.kind) ? [...asked(cell), over.opened] : asked(cell);
}

/** Makes the call and reads it to its end. */
export async function read(
  scene: Scene,
  requests: Requests = asked(scene.cell),
  options?: Parameters<Scene["call"]>[1],
): Promise<void> {
  for await (const answer of scene.call(requests, options)) {
    scene.answers.push(answer);
  }
}

/**
 * Makes the call, does something once the handler waits and its answers have
 * arrived, and reads the call to its end.
 */
export async function readUntilWaiting(
  scene: Scene,
  then: () => unknown,
  options?: Parameters<Scene["call"]>[1],
): Promise<void> {
  const reading = read(scene, unfinished(scene), options);
  await Promise.race([reading, underWay(scene)]);
  await then();
  await reading;
}

/** What both ends count of a call that ended half-way, by the codes. */
export function halfWayWith(
  client: string,
  server?: string,
): (cell: Cell) => Expected {
  return (cell) => ({ client, server, ...halfWay(cell) });
}

/**
 * Lets the handler go on that ignores its signal, once the server has had time
 * to learn that its caller left.
 */
export async function letGo(scene: Scene): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  scene.release.open();
}

/** Resolves when the handler waits and what it has answered has arrived. */
export async function underWay({
  waiting,
  answers,
  cell,
}: Scene): Promise<void> {
  await waiting.opened;
  while (answers.length < until(cell)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Why a server cannot count a cell that is called in memory, without the hook. */
export function needsHookInMemory({ mode, link }: Cell): string | false {
  return (
    mode === "alone" &&
    carrierOf(link) === "memory" &&
    "in memory, the interceptor cannot tell a client's own error from a shutdown for that reason"
  );
}

/** Why a server that has the interceptor alone cannot count a cell. */
export function needsHook(
  { mode }: Cell,
  reason = "connect-es answers it outside of the interceptors",
): string | false {
  return mode === "alone" && reason;
}
