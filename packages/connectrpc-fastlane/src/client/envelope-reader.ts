import { Code, ConnectError } from "@connectrpc/connect";
import { compressedFlag } from "@connectrpc/connect/protocol";

/** A message of gRPC with its flags. */
export interface Envelope {
  readonly compressed: boolean;
  readonly data: Uint8Array;
}

/** Flags of one byte, and a length of four. */
const prefixBytes = 5;

/** Up to so many, a loop costs less than the view that `set` needs. */
const fewBytes = 64;

/** Splits what arrives into the messages of gRPC. */
export class EnvelopeReader {
  readonly #readMaxBytes: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** The flags and the length of the message that is arriving. */
  #flags = 0;
  #length: number | undefined;

  constructor(readMaxBytes: number) {
    this.#readMaxBytes = readMaxBytes;
  }

  /** Bytes that are no whole message, nor the start of one. */
  get leftBytes(): number {
    return this.#bytes;
  }

  /**
   * The messages that are complete with this chunk, as copies: a chunk is a
   * part of memory that other streams share. Throws a ConnectError with the
   * code `resource_exhausted` as soon as a message states to be larger than
   * `readMaxBytes`.
   */
  read(chunk: Uint8Array): Envelope[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    const envelopes: Envelope[] = [];
    for (;;) {
      if (this.#length === undefined) {
        if (this.#bytes < prefixBytes) {
          return envelopes;
        }
        const prefix = this.#take(prefixBytes);
        this.#flags = prefix[0] ?? 0;
        this.#length = lengthOf(prefix);
        if (this.#length > this.#readMaxBytes) {
          throw new ConnectError(
            `message size ${this.#length} is larger than configured readMaxBytes ${this.#readMaxBytes}`,
            Code.ResourceExhausted,
          );
        }
      }
      if (this.#bytes < this.#length) {
        return envelopes;
      }
      const data = this.#take(this.#length);
      this.#length = undefined;
      envelopes.push({
        compressed: (this.#flags & compressedFlag) === compressedFlag,
        data,
      });
    }
  }

  #take(length: number): Uint8Array {
    const taken = new Uint8Array(length);
    let offset = 0;
    while (offset < length) {
      // There are `#bytes` in the chunks, which the caller has looked at.
      const chunk = this.#chunks[0] ?? new Uint8Array(length - offset);
      const part = chunk.subarray(0, length - offset);
      taken.set(part, offset);
      offset += part.byteLength;
      if (part.byteLength < chunk.byteLength) {
        this.#chunks[0] = chunk.subarray(part.byteLength);
      } else {
        this.#chunks.shift();
      }
    }
    this.#bytes -= length;
    return taken;
  }
}

/**
 * The data of a chunk that is one whole message without compression, as almost
 * all are; undefined if it is not.
 */
export function readWholeEnvelope(
  chunk: Uint8Array,
  readMaxBytes: number,
): Uint8Array | undefined {
  const length = chunk.byteLength - prefixBytes;
  if (
    length < 0 ||
    length > readMaxBytes ||
    ((chunk[0] ?? 0) & compressedFlag) === compressedFlag ||
    lengthOf(chunk) !== length
  ) {
    return undefined;
  }
  const data = new Uint8Array(length);
  if (length > fewBytes) {
    data.set(chunk.subarray(prefixBytes));
  } else {
    for (let i = 0; i < length; i++) {
      data[i] = chunk[prefixBytes + i] ?? 0;
    }
  }
  return data;
}

/** A message in its envelope, without compression. */
export function writeEnvelope(data: Uint8Array): Uint8Array {
  const { byteLength } = data;
  const envelope = Buffer.allocUnsafe(prefixBytes + byteLength);
  envelope[0] = 0;
  envelope.writeUInt32BE(byteLength, 1);
  envelope.set(data, prefixBytes);
  return envelope;
}

function lengthOf(prefix: Uint8Array): number {
  // Not taken apart by `[, a, b, c, d]`, which goes through an iterator.
  return (
    (prefix[1] ?? 0) * 2 ** 24 +
    ((prefix[2] ?? 0) << 16) +
    ((prefix[3] ?? 0) << 8) +
    (prefix[4] ?? 0)
  );
}
