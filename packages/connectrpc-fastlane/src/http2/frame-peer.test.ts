import { type AddressInfo, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { waitFor } from "@both-ends/testing";
import { encodeStaticBlock } from "./block-writer.js";
import { frameFlag, frameType, preface } from "./frame-format.js";
import { frame, type SentFrame, splitFrames } from "./frames-fixture.test.js";

/** One connection to a peer that says what a test tells it. */
export interface PeerConnection {
  readonly socket: Socket;
  readonly frames: readonly SentFrame[];
  /** Waits for the nth frame of a type, the first for 0. */
  frame(type: number, n?: number): Promise<SentFrame>;
}

/** SETTINGS of pairs of an id and a value. */
export function settings(...pairs: (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  });
  return frame(frameType.settings, 0, 0, payload);
}

/** HEADERS of names, each followed by its value. */
export function headers(
  id: number,
  fields: readonly string[],
  endStream = false,
): Buffer {
  const flags = frameFlag.endHeaders | (endStream ? frameFlag.endStream : 0);
  return frame(frameType.headers, flags, id, encodeStaticBlock(fields));
}

/** GOAWAY. */
export function goaway(lastId: number, code: number, debug = ""): Buffer {
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(lastId, 0);
  payload.writeUInt32BE(code, 4);
  return frame(
    frameType.goaway,
    0,
    0,
    Buffer.concat([payload, Buffer.from(debug)]),
  );
}

/** Starts a server of frames; each connection begins with `greeting`. */
export async function useFramePeer(
  t: TestContext,
  greeting: Uint8Array = settings(),
): Promise<{
  readonly origin: string;
  readonly connections: readonly PeerConnection[];
  /** Waits for the nth connection, the first for 0. */
  connection(n?: number): Promise<PeerConnection>;
}> {
  const connections: PeerConnection[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write(greeting);
    connections.push(readFrames(socket));
  });
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve()),
  );
  t.after(async () => {
    for (const { socket } of connections) {
      socket.destroy();
    }
    await new Promise((resolve) => server.close(resolve));
  });
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    connections,
    connection: (n = 0) => waitFor("a connection", () => connections[n]),
  };
}

function readFrames(socket: Socket): PeerConnection {
  const chunks: Buffer[] = [];
  const frames: SentFrame[] = [];
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    const all = splitFrames(Buffer.concat(chunks).subarray(preface.length));
    frames.push(...all.slice(frames.length));
  });
  return {
    socket,
    frames,
    frame: (type, n = 0) =>
      waitFor(`frame ${n} of type ${type}`, () =>
        frames.filter((one) => one.type === type).at(n),
      ),
  };
}
