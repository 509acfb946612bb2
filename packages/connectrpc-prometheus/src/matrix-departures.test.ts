import { waitFor } from "@both-ends/testing";
import { Code, ConnectError } from "@connectrpc/connect";
import { answersMany } from "./matrix-calls.test.js";
import {
  answering,
  asked,
  type End,
  halfWayWith,
  honours,
  ignores,
  inFlight,
  letGo,
  needsHookInMemory,
  nothing,
  read,
  readUntilWaiting,
  unfinished,
  unsent,
} from "./matrix-end.test.js";
import { carrierOf } from "./matrix-link.test.js";
import type { Cell, Scene } from "./matrix-scene.test.js";
import { readSamples } from "./sample-fixture.test.js";

/** Aborts the call when the handler waits, and then lets the handler go on. */
const cancel = async (scene: Scene, reason?: unknown) => {
  const { signal } = scene.caller;
  try {
    await readUntilWaiting(scene, () => scene.caller.abort(reason), { signal });
  } finally {
    await letGo(scene);
  }
};

/** Breaks out of `for await` after the first answer. */
const breakOut = async (scene: Scene, options = {}) => {
  for await (const answer of scene.call(unfinished(scene), options)) {
    scene.answers.push(answer);
    break;
  }
};

/** Only a stream can be left, and only over a network does it go on then. */
const leavable = ({ kind, link }: Cell) =>
  (!answersMany(kind) && "this type answers exactly once") ||
  (carrierOf(link) === "memory" &&
    "in memory a handler stands still while nobody reads");

/** Calls that end because the caller leaves. */
export const departures: readonly End[] = [
  {
    name: "a cancel by the caller",
    handle: honours,
    drive: (scene) => cancel(scene),
    expected: halfWayWith("Canceled"),
  },
  {
    name: "a cancel that the handler ignores",
    handle: ignores,
    drive: (scene) => cancel(scene),
    expected: halfWayWith("Canceled"),
  },
  {
    name: "a cancel, and then an error in the handler's finally",
    handle: (scene) =>
      async function* (requests, context) {
        try {
          yield* honours(scene)(requests, context);
        } finally {
          await Promise.reject(new Error("secret"));
        }
      },
    drive: (scene) => cancel(scene),
    expected: halfWayWith("Canceled"),
  },
  {
    name: "a cancel with a code of the caller's own",
    leftOut: needsHookInMemory,
    handle: honours,
    drive: (scene) =>
      cancel(scene, new ConnectError("full", Code.ResourceExhausted)),
    expected: halfWayWith("ResourceExhausted", "Canceled"),
  },
  {
    name: "a cancel before the call",
    drive: (scene) => {
      scene.caller.abort();
      return read(scene, asked(scene.cell), { signal: scene.caller.signal });
    },
    expected: (cell) => ({
      client: "Canceled",
      // In memory it comes there all the same.
      server: [nothing, "Canceled"],
      sent: unsent(cell),
      received: 0,
      serverReceived: [0, 1],
    }),
  },
  {
    name: "a break followed by an abort",
    leftOut: leavable,
    timely: true,
    handle: honours,
    async drive(scene) {
      await breakOut(scene, { signal: scene.caller.signal });
      await scene.waiting.opened;
      scene.caller.abort();
    },
    expected: (cell) => ({
      client: "Canceled",
      caller: "OK",
      sent: asked(cell).length,
      received: 1,
      serverSent: 2,
    }),
  },
  {
    name: "a break without an abort, the stream ends",
    leftOut: leavable,
    collected: true,
    handle: (scene) =>
      async function* (requests) {
        await requests[Symbol.asyncIterator]().next();
        yield "1";
        yield "2";
        await scene.release.opened;
      },
    async drive(scene) {
      await breakOut(scene);
      scene.release.open();
    },
    expected: (cell) => ({
      client: "Canceled",
      caller: "OK",
      server: "OK",
      sent: asked(cell).length,
      received: 1,
      serverSent: 2,
      serverReceived: 1,
    }),
  },
  {
    name: "a break without an abort, the stream goes on",
    leftOut: leavable,
    collected: true,
    handle: honours,
    drive: (scene) => breakOut(scene),
    expected: (cell) => ({
      client: "Canceled",
      caller: "OK",
      server: inFlight,
      afterwards: "Canceled",
      sent: asked(cell).length,
      received: 1,
      serverSent: 2,
    }),
  },
  {
    name: "answers that are never read",
    leftOut: leavable,
    collected: true,
    handle: (scene) => answering(scene, () => scene.waiting.open()),
    async drive(scene) {
      scene.call(asked(scene.cell));
      await scene.waiting.opened;
    },
    expected: (cell) => ({
      client: "Canceled",
      caller: "OK",
      server: "OK",
      sent: asked(cell).length,
      received: 0,
      serverSent: 2,
    }),
  },
  {
    name: "a caller that leaves a full pipe",
    leftOut: leavable,
    timely: true,
    // Compressed, it would all fit.
    client: { acceptCompression: [] },
    handle: () =>
      async function* () {
        const large = "x".repeat(1_000_000);
        for (let i = 0; i < 100; i++) {
          yield large;
        }
      },
    async drive(scene) {
      const { signal } = scene.caller;
      await breakOut(scene, { signal });
      await settled(scene);
      scene.caller.abort();
    },
    expected: (cell) => ({
      client: "Canceled",
      caller: "OK",
      sent: asked(cell).length,
      received: 1,
      serverReceived: [0, 1],
      serverSent: [1, 100],
    }),
  },
];

/** Resolves when the server cannot send any more. */
async function settled({ server }: Scene): Promise<void> {
  let before = -1;
  await waitFor("the pipe to be full", async () => {
    const now =
      (await readSamples(server, "server"))["WatchTime msg_sent_total"] ?? 0;
    const still = now === before;
    before = now;
    return still;
  });
}
