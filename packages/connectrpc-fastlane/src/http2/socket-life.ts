import type { Duplex } from "node:stream";

/** How long a server has to end its side, in milliseconds. */
const endMs = 2_000;

/** Ends this side of a socket; the other has a while for its own. */
export function endSocket(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), endMs);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
  socket.end(() => socket.destroy());
  socket.resume();
}

/** Has a socket keep the process alive, or not, if it is one that can. */
export function refersToLoop(socket: Duplex, refers: boolean): void {
  const name = refers ? "ref" : "unref";
  const method: unknown = Reflect.get(socket, name);
  if (typeof method === "function") {
    Reflect.apply(method, socket, []);
  }
}
