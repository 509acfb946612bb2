import { Code, ConnectError } from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import { answersMany, sendsMany } from "./matrix-calls.test.js";
import {
  answered,
  answering,
  asked,
  type End,
  halfWay,
  needsHook,
  nothing,
  read,
  unfinished,
  unread,
  unsent,
} from "./matrix-end.test.js";
import { protocolOf } from "./matrix-link.test.js";
import type { Cell, Scene } from "./matrix-scene.test.js";

const denied = () => {
  throw new ConnectError("no", Code.PermissionDenied);
};
const broken = () => {
  throw new Error("secret");
};

/** No string, although its type says so: it fails when it is encoded. */
export const unsendable = {
  toString() {
    throw new Error("unsendable");
  },
} as unknown as string;

const normal = (cell: Cell) => ({
  client: "OK",
  sent: asked(cell).length,
  received: answered(cell),
});

const notMany = (many: (kind: Cell["kind"]) => boolean, reason: string) => ({
  leftOut: ({ kind }: Cell) => !many(kind) && reason,
});
const oneAnswer = notMany(answersMany, "this type answers exactly once");
const oneRequest = notMany(sendsMany, "this type asks exactly once");

/** All is compressed, however small it is. */
const compressed = {
  server: { compressMinBytes: 0 },
  client: { acceptCompression: [compressionGzip] },
};

/** Connect's way to call what has no side effects. */
const byGet = {
  client: { useHttpGet: true },
  leftOut: ({ kind, link }: Cell) =>
    !(kind === "unary" && protocolOf(link) === "Connect") &&
    "only unary calls of Connect can be a GET",
};

/** A second answer, or the only one, that cannot be serialised. */
const answersUnsendable = (scene: Scene) =>
  async function* (requests: AsyncIterable<string>) {
    for await (const _ of requests) {
      // Read to the end.
    }
    if (answersMany(scene.cell.kind)) {
      yield "1";
    }
    yield unsendable;
  };
const unsendableCounts = (cell: Cell) => ({
  client: "Internal",
  sent: asked(cell).length,
  received: answersMany(cell.kind) ? 1 : 0,
});

/** Calls whose end the handler decides. */
export const answers: readonly End[] = [
  { name: "a normal end", expected: normal },
  { name: "a normal end, all compressed", ...compressed, expected: normal },
  {
    name: "a normal end in JSON",
    client: { useBinaryFormat: false },
    expected: normal,
  },
  {
    name: "a normal end by GET",
    ...byGet,
    expected: normal,
  },
  {
    name: "a thrown ConnectError by GET",
    ...byGet,
    handle: (scene) => answering(scene, denied),
    expected: (cell) => ({ client: "PermissionDenied", ...halfWay(cell) }),
  },
  {
    name: "a thrown ConnectError in JSON",
    client: { useBinaryFormat: false },
    handle: (scene) => answering(scene, denied),
    expected: (cell) => ({ client: "PermissionDenied", ...halfWay(cell) }),
  },
  {
    name: "a thrown ConnectError",
    handle: (scene) => answering(scene, denied),
    expected: (cell) => ({ client: "PermissionDenied", ...halfWay(cell) }),
  },
  {
    name: "a thrown ConnectError, all compressed",
    ...compressed,
    handle: (scene) => answering(scene, denied),
    expected: (cell) => ({ client: "PermissionDenied", ...halfWay(cell) }),
  },
  {
    name: "a thrown error of another kind",
    handle: (scene) => answering(scene, broken),
    expected: (cell) => ({ client: "Internal", ...halfWay(cell) }),
  },
  {
    name: "an error thrown before anything is read",
    handle: () =>
      // biome-ignore lint/correctness/useYield: it throws before it answers.
      async function* () {
        denied();
      },
    expected: (cell) => ({
      client: "PermissionDenied",
      sent: unread(cell),
      received: 0,
      serverReceived: sendsMany(cell.kind) ? 0 : 1,
    }),
  },
  {
    name: "a stream without answers",
    ...oneAnswer,
    handle: () =>
      // biome-ignore lint/correctness/useYield: it has no answer.
      async function* (requests) {
        for await (const _ of requests) {
          // Read to the end.
        }
      },
    expected: (cell) => ({ ...normal(cell), received: 0 }),
  },
  {
    name: "a stream without requests",
    ...oneRequest,
    drive: (scene) => read(scene, []),
    expected: (cell) => ({ ...normal(cell), sent: 0 }),
  },
  {
    name: "an early answer by a handler that leaves its requests",
    ...oneRequest,
    handle: (scene) =>
      async function* (requests) {
        for await (const _ of requests) {
          break;
        }
        yield* Array(answered(scene.cell)).fill("early");
      },
    drive: (scene) => read(scene, ["a", scene.over.opened]),
    expected: (cell) => ({ ...normal(cell), sent: 1 }),
  },
  {
    name: "an early answer by a handler that just stops reading",
    ...oneRequest,
    handle: (scene) =>
      async function* (requests) {
        await requests[Symbol.asyncIterator]().next();
        yield* Array(answered(scene.cell)).fill("early");
      },
    drive: (scene) => read(scene, ["a", scene.over.opened]),
    expected: (cell) => ({ ...normal(cell), sent: 1 }),
  },
  {
    name: "an answer that cannot be serialised",
    leftOut: (cell) =>
      needsHook(cell, "an answer is serialised outside of the interceptors"),
    handle: answersUnsendable,
    expected: unsendableCounts,
  },
  {
    name: "an answer that cannot be serialised, all compressed",
    ...compressed,
    leftOut: (cell) =>
      needsHook(cell, "an answer is serialised outside of the interceptors"),
    handle: answersUnsendable,
    expected: unsendableCounts,
  },
  {
    name: "a request that cannot be serialised",
    drive: (scene) => read(scene, [unsendable]),
    // The server may get an empty request before it learns that it is reset.
    expected: (cell) => ({
      client: "Internal",
      server: [nothing, "Canceled", "Unimplemented", "OK", "Internal"],
      sent: unsent(cell),
      received: 0,
      serverSent: [0, 2],
      serverReceived: 0,
    }),
  },
  {
    name: "an error thrown by the handler's finally",
    ...oneAnswer,
    handle: () =>
      async function* () {
        try {
          yield "1";
        } finally {
          broken();
        }
      },
    drive: (scene) => read(scene, unfinished(scene)),
    expected: (cell) => ({
      client: "Internal",
      sent: cell.kind === "server_streaming" ? 1 : unread(cell),
      received: 1,
      serverReceived: cell.kind === "server_streaming" ? 1 : 0,
    }),
  },
];
