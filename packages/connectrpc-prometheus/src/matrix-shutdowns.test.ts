import { Code, ConnectError } from "@connectrpc/connect";
import {
  asked,
  type End,
  halfWayWith,
  honours,
  ignores,
  needsHook,
  readUntilWaiting,
  until,
} from "./matrix-end.test.js";

/** Calls of a server that shuts down. */
export const shutdowns: readonly End[] = [
  {
    name: "a shutdown with a reason",
    handle: honours,
    drive: (scene) =>
      readUntilWaiting(scene, () =>
        scene.shutdown.abort(new ConnectError("bye", Code.Unavailable)),
      ),
    expected: halfWayWith("Unavailable"),
  },
  {
    name: "a shutdown without a reason",
    leftOut: (cell) =>
      needsHook(
        cell,
        "the interceptor cannot tell a shutdown without a reason from a caller that leaves",
      ),
    handle: honours,
    drive: (scene) => readUntilWaiting(scene, () => scene.shutdown.abort()),
    expected: halfWayWith("Internal"),
  },
  {
    name: "a shutdown that the handler ignores",
    handle: ignores,
    drive: (scene) =>
      readUntilWaiting(scene, () => {
        scene.shutdown.abort(new ConnectError("bye", Code.Unavailable));
        scene.release.open();
      }),
    expected: (cell) => ({
      client: "OK",
      sent: asked(cell).length,
      received: until(cell) + 1,
    }),
  },
];
