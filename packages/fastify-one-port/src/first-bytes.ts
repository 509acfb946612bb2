import type { Socket } from "node:net";

/** A protocol that the first bytes of a connection give away. */
export type Protocol = "http1" | "http2";

/**
 * How the client's connection preface begins in HTTP/2 (RFC 9113, 3.4). PRI is
 * reserved there, so that no HTTP/1.1 request begins in this way.
 */
const preface = Buffer.from("PRI ");

/**
 * Waits for the bytes that tell HTTP/2 with prior knowledge from everything
 * else, and gives the socket back with all its bytes unread. A socket that
 * ends first, or has not decided after the timeout (0 for none), is destroyed
 * and never given back.
 */
export function readFirstBytes(
  socket: Socket,
  timeoutMs: number,
  on: { decided: (protocol: Protocol) => void; timedOut?: () => void },
): void {
  // Held back here and not unshifted: that would announce them as readable
  // again at once, over and over, until the next packet.
  let seen = Buffer.alloc(0);
  const giveUp = () => socket.destroy();
  const timeOut = () => {
    on.timedOut?.();
    giveUp();
  };
  const timer = timeoutMs > 0 ? setTimeout(timeOut, timeoutMs) : undefined;
  const stop = () => {
    clearTimeout(timer);
    socket.off("readable", look);
    socket.off("end", giveUp);
    socket.off("close", stop);
  };
  function look() {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) {
      return;
    }
    seen = Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, preface.length);
    const matches = preface.compare(seen, 0, length, 0, length) === 0;
    if (matches && length < preface.length) {
      return;
    }
    stop();
    socket.unshift(seen);
    on.decided(matches ? "http2" : "http1");
  }
  socket.on("readable", look);
  socket.on("end", giveUp);
  socket.on("close", stop);
}
