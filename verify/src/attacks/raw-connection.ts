import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A TCP connection on which anything can be said. */
export interface RawConnection {
  readonly socket: Socket;
  /** The first 256 KiB of what came back. */
  received(): Buffer;
  /** Whether the other end has closed, or cut, the connection. */
  isClosed(): boolean;
  /** Resolves when the other end has closed it. */
  readonly closed: Promise<void>;
  /** Writes, and waits while the other end does not read. False once closed. */
  write(bytes: Uint8Array | string): Promise<boolean>;
  /**
   * Waits until it is so, or closed, for as long as this. Looks whenever
   * something arrives.
   */
  until(condition: () => boolean, limitMs: number): Promise<boolean>;
  /**
   * Says that nothing follows and waits, for as long as this, until the other
   * end has read all and closed. Tells whether it has.
   */
  finish(limitMs: number): Promise<boolean>;
  /** Leaves by RST, so that no port is kept waiting. */
  leave(): void;
}

const keptBytes = 256 * 1_024;

/** Opens a connection to a port of this machine. Rejects after 10 s. */
export async function openRawConnection(port: number): Promise<RawConnection> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no connection to port ${port} within 10 s`));
    }, 10_000);
    socket.once("error", reject);
    socket.once("connect", resolve);
    socket.once("close", () => clearTimeout(timer));
    socket.once("connect", () => clearTimeout(timer));
  });
  return watch(socket);
}

function watch(socket: Socket): RawConnection {
  const chunks: Buffer[] = [];
  let length = 0;
  let isClosed = false;
  const waiting = new Set<() => void>();
  const changed = () => {
    for (const look of waiting) {
      look();
    }
  };
  const closed = new Promise<void>((resolve) => {
    const end = () => {
      isClosed = true;
      resolve();
      changed();
    };
    socket.once("end", end);
    socket.once("close", end);
  });
  // The end of a connection is what `isClosed` tells.
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    if (length < keptBytes) {
      chunks.push(chunk);
      length += chunk.length;
      changed();
    }
  });
  const until = (condition: () => boolean, limitMs: number) =>
    new Promise<boolean>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        waiting.delete(look);
        resolve(condition());
      };
      const look = () => {
        if (isClosed || condition()) {
          finish();
        }
      };
      const timer = setTimeout(finish, limitMs);
      waiting.add(look);
      look();
    });
  return {
    socket,
    received: () => Buffer.concat(chunks),
    isClosed: () => isClosed,
    closed,
    until,
    async write(bytes) {
      if (isClosed || socket.destroyed) {
        return false;
      }
      if (!socket.write(bytes)) {
        let drained = false;
        socket.once("drain", () => {
          drained = true;
          changed();
        });
        await until(() => drained, 2_000);
      }
      return !isClosed;
    },
    finish(limitMs) {
      socket.resume();
      socket.end();
      return until(() => isClosed, limitMs);
    },
    leave() {
      // A reset beside the FIN that answers the other end's leaves Node with a
      // request that never ends, and this process with it.
      if (isClosed) {
        socket.destroy();
      } else {
        socket.resetAndDestroy();
      }
    },
  };
}

/**
 * Says something again and again until the time is up, or the other end has
 * closed.
 */
export async function drip(
  connection: RawConnection,
  say: () => Uint8Array | string,
  options: { readonly everyMs: number; readonly forMs: number },
): Promise<void> {
  const end = performance.now() + options.forMs;
  while (performance.now() < end && !connection.isClosed()) {
    await connection.write(say());
    await Promise.race([delay(options.everyMs), connection.closed]);
  }
}
