import {
  Code,
  ConnectError,
  type ConnectRouterOptions,
  type Interceptor,
} from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import { answersMany, sendsMany } from "./matrix-calls.test.js";
import {
  aborted,
  asked,
  type End,
  needsClientOption,
  needsHook,
  needsHookInMemory,
  nothing,
  read,
  unread,
} from "./matrix-end.test.js";
import { carrierOf } from "./matrix-link.test.js";
import type { Cell } from "./matrix-scene.test.js";
import { spoil, spoilt } from "./matrix-wire.test.js";

const refuse: Interceptor = () => () => {
  throw new ConnectError("no", Code.PermissionDenied);
};
const breakDown: Interceptor = () => () => {
  throw new Error("secret");
};
/** Lets the call pass, and refuses what comes back. */
const refuseResponse: Interceptor = (next) => async (req) => {
  await next(req);
  throw new ConnectError("no", Code.PermissionDenied);
};

const gate: Partial<ConnectRouterOptions> = {
  requestGate() {
    throw new ConnectError("no", Code.Unauthenticated);
  },
};

const lzw: Compression = {
  name: "lzw",
  compress: async (bytes) => Uint8Array.from(bytes),
  decompress: async (bytes) => Uint8Array.from(bytes),
};

const large = "x".repeat(2048);

/** A refusal that leaves the requests unread, and what the client counts. */
const refused = (client: string) => (cell: Cell) => ({
  client,
  sent: unread(cell),
  received: 0,
  serverReceived: 0,
});

const unaryNeedsHook = (cell: Cell) => cell.kind === "unary" && needsHook(cell);

const onlyMany =
  (many: (kind: Cell["kind"]) => boolean, reason: string) =>
  ({ kind }: Cell) =>
    !many(kind) && reason;

/** Calls that are refused, or that one side cannot understand. */
export const refusals: readonly End[] = [
  {
    name: "a refusal by an interceptor of the server",
    server: { interceptors: [refuse] },
    expected: (cell) => ({
      ...refused("PermissionDenied")(cell),
      serverReceived: cell.kind === "unary" ? 1 : 0,
    }),
  },
  {
    name: "a plain error of an interceptor of the server",
    server: { interceptors: [breakDown] },
    expected: (cell) => ({
      ...refused("Internal")(cell),
      serverReceived: cell.kind === "unary" ? 1 : 0,
    }),
  },
  {
    name: "a refusal of the response by an interceptor of the server",
    server: { interceptors: [refuseResponse] },
    expected: (cell) => ({
      ...refused("PermissionDenied")(cell),
      // The handler of a stream begins when its answers are read.
      serverReceived: cell.kind === "bidi_streaming" ? 0 : asked(cell).length,
      sent: cell.kind === "bidi_streaming" ? [0, 2] : asked(cell).length,
    }),
  },
  {
    name: "a refusal by an interceptor of the client",
    client: { interceptors: [refuse] },
    expected: ({ kind }) => ({
      client: "PermissionDenied",
      server: nothing,
      sent: kind === "unary" ? 1 : 0,
      received: 0,
    }),
  },
  {
    name: "a plain error of an interceptor of the client",
    client: { interceptors: [breakDown] },
    expected: ({ kind }) => ({
      client: "Unknown",
      server: nothing,
      sent: kind === "unary" ? 1 : 0,
      received: 0,
    }),
  },
  {
    name: "a refusal by the request gate",
    leftOut: (cell) => needsHook(cell),
    server: gate,
    expected: refused("Unauthenticated"),
  },
  {
    name: "a compression that the server does not know",
    leftOut: (cell) => needsClientOption(cell) || unaryNeedsHook(cell),
    client: { sendCompression: lzw, compressMinBytes: 0 },
    expected: refused("Unimplemented"),
  },
  {
    name: "a timeout that is longer than the server allows",
    leftOut: unaryNeedsHook,
    server: { maxTimeoutMs: 1_000 },
    drive: (scene) => read(scene, asked(scene.cell), { timeoutMs: 10_000 }),
    expected: refused("InvalidArgument"),
  },
  {
    name: "a protocol that the server does not speak",
    leftOut: (cell) =>
      carrierOf(cell.link) === "memory"
        ? "in memory there is but one protocol"
        : needsHook(cell),
    protocols: "others",
    expected: refused("Unknown"),
  },
  {
    name: "a bidi stream over HTTP/1.1",
    halfDuplex: true,
    leftOut: (cell) =>
      !(cell.kind === "bidi_streaming" && carrierOf(cell.link) === "HTTP/1.1")
        ? "other calls are not refused for their version of HTTP"
        : needsHook(cell),
    expected: refused("Unknown"),
  },
  {
    name: "a request that cannot be parsed",
    leftOut: unaryNeedsHook,
    wire: { request: spoil },
    drive: (scene) => read(scene, [spoilt]),
    expected: () => ({
      client: "any",
      sent: 1,
      received: 0,
      serverReceived: 0,
    }),
  },
  {
    name: "a request that cannot be parsed, in mid-stream",
    leftOut: onlyMany(sendsMany, "this type asks exactly once"),
    wire: { request: spoil },
    handle: (scene) =>
      async function* (requests) {
        if (answersMany(scene.cell.kind)) {
          yield "1";
        }
        for await (const _ of requests) {
          scene.waiting.open();
        }
        yield "2";
      },
    drive: (scene) =>
      read(scene, ["a", scene.waiting.opened, spoilt, scene.over.opened]),
    expected: ({ kind }) => ({
      client: "any",
      sent: 2,
      received: answersMany(kind) ? 1 : 0,
      serverReceived: 1,
    }),
  },
  {
    name: "a request that is too large",
    leftOut: unaryNeedsHook,
    server: { readMaxBytes: 1024 },
    drive: (scene) => read(scene, [large]),
    expected: () => ({
      client: "ResourceExhausted",
      sent: 1,
      received: 0,
      serverReceived: 0,
    }),
  },
  {
    name: "an answer that is too large for the server to send",
    leftOut: (cell) =>
      needsHook(cell, "an answer is serialised outside of the interceptors"),
    server: { writeMaxBytes: 1024 },
    handle: (scene) =>
      async function* () {
        if (answersMany(scene.cell.kind)) {
          yield "1";
        }
        yield large;
      },
    expected: (cell) => ({
      client: "ResourceExhausted",
      sent: unread(cell),
      received: answersMany(cell.kind) ? 1 : 0,
      serverReceived: sendsMany(cell.kind) ? 0 : 1,
    }),
  },
  {
    name: "an answer that is too large for the client to receive",
    leftOut: (cell) => needsClientOption(cell) || needsHookInMemory(cell),
    client: { readMaxBytes: 1024, acceptCompression: [] },
    handle: (scene) =>
      async function* (requests, { signal }) {
        for await (const _ of requests) {
          // Read to the end.
        }
        if (answersMany(scene.cell.kind)) {
          yield "1";
        }
        yield large;
        if (answersMany(scene.cell.kind)) {
          await aborted(signal);
        }
      },
    expected: (cell) => ({
      client: "ResourceExhausted",
      // The server knows of it only if it is still at work.
      server: answersMany(cell.kind) ? "Canceled" : ["OK", "Canceled"],
      sent: asked(cell).length,
      // Both answers may arrive at once, and then the first is lost.
      received: answersMany(cell.kind) ? [0, 1] : 0,
      serverSent: answersMany(cell.kind) ? 2 : [0, 1],
    }),
  },
  {
    name: "an answer that cannot be parsed, and no more follows",
    wire: { response: spoil },
    handle: () =>
      async function* (requests) {
        for await (const _ of requests) {
          // Read to the end.
        }
        yield spoilt;
      },
    expected: (cell) => ({
      client: "any",
      // The server knows of it only if it is still at work.
      server: ["OK", "Canceled"],
      sent: asked(cell).length,
      received: 0,
      serverSent: [0, 1],
    }),
  },
  {
    name: "an answer that cannot be parsed, in mid-stream",
    leftOut: onlyMany(answersMany, "this type answers exactly once"),
    wire: { response: spoil },
    handle: () =>
      async function* (requests, { signal }) {
        for await (const _ of requests) {
          // Read to the end.
        }
        yield "1";
        yield spoilt;
        await aborted(signal);
      },
    expected: (cell) => ({
      client: "any",
      server: "Canceled",
      sent: asked(cell).length,
      received: 1,
      serverSent: 2,
    }),
  },
];
