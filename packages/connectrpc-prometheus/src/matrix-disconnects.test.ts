import { constants } from "node:http2";
import {
  asked,
  type End,
  halfWayWith,
  honours,
  ignores,
  letGo,
  needsHook,
  nothing,
  read,
  readUntilWaiting,
  unsent,
  until,
} from "./matrix-end.test.js";
import { carrierOf } from "./matrix-link.test.js";
import type { Cell } from "./matrix-scene.test.js";

const overHttp2 = ({ link }: Cell) =>
  carrierOf(link) !== "HTTP/2" && "only HTTP/2 has streams and sessions";
const withSockets = ({ link }: Cell) =>
  (carrierOf(link) === "memory" && "there is no connection") ||
  (carrierOf(link) === "fetch" && "fetch does not show its sockets");
const network = ({ link }: Cell) =>
  carrierOf(link) === "memory" && "there is no connection";

/** Resets the HTTP/2 stream of a call that is under way, from either end. */
const reset = (
  end: "client" | "server",
  name: "CANCEL" | "INTERNAL_ERROR" | "REFUSED_STREAM" | "ENHANCE_YOUR_CALM",
  client = "any",
): End => ({
  name: `a reset with ${name} by the ${end}`,
  leftOut: (cell) =>
    overHttp2(cell) ||
    (name !== "CANCEL" &&
      name !== "INTERNAL_ERROR" &&
      needsHook(
        cell,
        "the interceptor cannot tell this reset from a shutdown for that reason",
      )),
  handle: honours,
  drive: (scene) =>
    readUntilWaiting(scene, () =>
      scene.http2[end]?.close(constants[`NGHTTP2_${name}`]),
    ),
  expected: halfWayWith(client, "Canceled"),
});

/** Calls that lose their connection, or their stream. */
export const disconnects: readonly End[] = [
  {
    name: "a connection that the client destroys",
    leftOut: withSockets,
    handle: honours,
    drive: (scene) =>
      readUntilWaiting(scene, () => {
        for (const socket of scene.sockets) {
          socket.destroy();
        }
      }),
    expected: halfWayWith("any", "Canceled"),
  },
  {
    name: "a connection that the client destroys, and the handler ignores it",
    leftOut: withSockets,
    handle: ignores,
    async drive(scene) {
      try {
        await readUntilWaiting(scene, () => {
          for (const socket of scene.sockets) {
            socket.destroy();
          }
        });
      } finally {
        await letGo(scene);
      }
    },
    expected: halfWayWith("any", "Canceled"),
  },
  {
    name: "a connection that is reset",
    leftOut: withSockets,
    handle: honours,
    drive: (scene) =>
      readUntilWaiting(scene, () => {
        for (const socket of scene.sockets) {
          socket.resetAndDestroy();
        }
      }),
    expected: halfWayWith("any", "Canceled"),
  },
  reset("client", "CANCEL"),
  reset("client", "INTERNAL_ERROR"),
  reset("client", "REFUSED_STREAM"),
  reset("server", "CANCEL", "Canceled"),
  reset("server", "INTERNAL_ERROR", "Internal"),
  reset("server", "REFUSED_STREAM"),
  reset("server", "ENHANCE_YOUR_CALM"),
  {
    name: "an HTTP/2 session that the server destroys",
    leftOut: overHttp2,
    handle: honours,
    drive: (scene) =>
      readUntilWaiting(scene, () => scene.http2.session?.destroy()),
    expected: halfWayWith("any", "Canceled"),
  },
  {
    name: "a GOAWAY after which calls go on",
    leftOut: overHttp2,
    handle: ignores,
    drive: (scene) =>
      readUntilWaiting(scene, () => {
        scene.http2.session?.goaway();
        scene.release.open();
      }),
    expected: (cell) => ({
      client: "OK",
      sent: asked(cell).length,
      received: until(cell) + 1,
    }),
  },
  {
    name: "a GOAWAY with an error",
    leftOut: overHttp2,
    handle: honours,
    drive: (scene) =>
      readUntilWaiting(scene, () =>
        scene.http2.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM),
      ),
    expected: halfWayWith("any", "Canceled"),
  },
  {
    name: "a refused connection",
    leftOut: network,
    async drive(scene) {
      await scene.close();
      await read(scene);
    },
    expected: (cell) => ({
      client: carrierOf(cell.link) === "fetch" ? "Unknown" : "Unavailable",
      server: nothing,
      sent: unsent(cell),
      received: 0,
    }),
  },
];
