import type { Readable, Writable } from "node:stream";

/** Size of the big-endian length before each message, in bytes. */
const prefixBytes = 4;

/**
 * Reads the messages that the conformance runner writes to standard input,
 * each behind its length in four bytes. Throws if the stream ends inside one.
 */
export async function* readDelimited(
  stream: Readable,
): AsyncGenerator<Uint8Array> {
  let buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    buffer = Buffer.concat([buffer, chunk]);
    while (buffer.length >= prefixBytes) {
      const end = prefixBytes + buffer.readUInt32BE();
      if (buffer.length < end) {
        break;
      }
      yield buffer.subarray(prefixBytes, end);
      buffer = buffer.subarray(end);
    }
  }
  if (buffer.length > 0) {
    throw new Error(
      `input ends inside a message, after ${buffer.length} bytes`,
    );
  }
}

/** Writes a message behind its length, in one piece. */
export function writeDelimited(stream: Writable, message: Uint8Array): void {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length);
  stream.write(Buffer.concat([prefix, message]));
}
