/** What a client says first in HTTP/2 (RFC 9113, 3.4), before its SETTINGS. */
export const h2Preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Types of frames (RFC 9113, 6). */
export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags of frames. */
export const frameFlags = {
  none: 0,
  ack: 1,
  endStream: 1,
  endHeaders: 4,
} as const;

const headBytes = 9;

/** One frame of HTTP/2. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** Writes a frame as it is told to: its length is that of the payload, no more. */
export function writeFrame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** An empty SETTINGS frame. */
export const settingsFrame = writeFrame(frameTypes.settings, 0, 0);

/** The answer to a SETTINGS frame. */
export const settingsAck = writeFrame(frameTypes.settings, frameFlags.ack, 0);

/** A PING frame. */
export const pingFrame = writeFrame(frameTypes.ping, 0, 0, Buffer.alloc(8));

/** A RST_STREAM frame with an error code. By default, it is CANCEL. */
export function rstFrame(streamId: number, code = 8): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(code);
  return writeFrame(frameTypes.rstStream, 0, streamId, payload);
}

/** A HEADERS frame with all of its header block. */
export function headersFrame(
  streamId: number,
  block: Uint8Array,
  endStream = false,
): Buffer {
  const flags = frameFlags.endHeaders | (endStream ? frameFlags.endStream : 0);
  return writeFrame(frameTypes.headers, flags, streamId, block);
}

/** A DATA frame. */
export function dataFrame(
  streamId: number,
  data: Uint8Array,
  endStream = false,
): Buffer {
  const flags = endStream ? frameFlags.endStream : 0;
  return writeFrame(frameTypes.data, flags, streamId, data);
}

/** Reads the frames that have arrived whole. */
export function readFrames(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  while (at + headBytes <= bytes.length) {
    const end = at + headBytes + bytes.readUIntBE(at, 3);
    if (end > bytes.length) {
      break;
    }
    frames.push({
      type: bytes.readUInt8(at + 3),
      flags: bytes.readUInt8(at + 4),
      streamId: bytes.readUInt32BE(at + 5) & 0x7fffffff,
      payload: bytes.subarray(at + headBytes, end),
    });
    at = end;
  }
  return frames;
}
