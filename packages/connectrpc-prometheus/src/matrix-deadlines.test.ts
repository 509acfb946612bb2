import {
  aborted,
  answered,
  answering,
  asked,
  type End,
  halfWayWith,
  honours,
  ignores,
  letGo,
  needsHook,
  read,
  unfinished,
} from "./matrix-end.test.js";
import { protocolOf } from "./matrix-link.test.js";
import type { Cell } from "./matrix-scene.test.js";

/** Long enough for a call to get to its handler on a busy machine. */
const timeoutMs = 300;

/** The header of a timeout that the client itself does not keep. */
const timeoutHeader = ({ link }: Cell): Record<string, string> =>
  protocolOf(link) === "Connect"
    ? { "connect-timeout-ms": String(timeoutMs) }
    : { "grpc-timeout": `${timeoutMs}m` };

/** Calls that run out of time. */
export const deadlines: readonly End[] = [
  {
    name: "a deadline of the client",
    timely: true,
    handle: honours,
    drive: (scene) => read(scene, unfinished(scene), { timeoutMs }),
    expected: halfWayWith("DeadlineExceeded"),
  },
  {
    name: "a deadline of the client that the handler ignores",
    timely: true,
    handle: ignores,
    async drive(scene) {
      try {
        await read(scene, unfinished(scene), { timeoutMs });
      } finally {
        await letGo(scene);
      }
    },
    expected: halfWayWith("DeadlineExceeded"),
  },
  {
    name: "a deadline that the server alone keeps",
    timely: true,
    handle: honours,
    drive: (scene) =>
      read(scene, unfinished(scene), { headers: timeoutHeader(scene.cell) }),
    expected: halfWayWith("DeadlineExceeded"),
  },
  {
    name: "a deadline that nobody keeps",
    leftOut: (cell) =>
      needsHook(
        cell,
        "the interceptor cannot tell whether a caller stays past its deadline",
      ),
    handle: (scene) =>
      answering(scene, ({ signal }) => aborted(signal).catch(() => {})),
    drive: (scene) =>
      read(scene, asked(scene.cell), { headers: timeoutHeader(scene.cell) }),
    expected: (cell) => ({
      client: "OK",
      sent: asked(cell).length,
      received: answered(cell),
    }),
  },
];
