import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import type { Socket } from "node:net";

// Preloaded into server processes: tells on descriptor 3 the client's port of
// each connection that the process has taken from the kernel.
subscribe("net.server.socket", (message) => {
  // What Node documents for this channel, whose type is unknown.
  const { socket } = message as { socket: Socket };
  writeSync(3, `${socket.remotePort}\n`);
});
