import type { Message } from "@bufbuild/protobuf";
import { joinChunks } from "./chunks.js";
import type { LaneCall } from "./lane-call.js";
import type { MessageReader } from "./message-reader.js";
import { readOdd } from "./read-odd.js";
import type { Wire, WireReader } from "./wire.js";

/** The flags byte and four bytes of length before a message. */
const prefixBytes = 5;

/**
 * Reads an enveloped request (gRPC, Connect streams). A single message, as it
 * should be, is read here; for all else the bytes go through connect-es's own
 * pipeline, so that each mistake has its error.
 */
export function readEnvelope(
  call: LaneCall,
  wire: Wire,
  reader: MessageReader,
): void {
  wire.read(new EnvelopeReader(call, wire, reader));
}

class EnvelopeReader implements WireReader {
  readonly #call: LaneCall;
  readonly #wire: Wire;
  readonly #reader: MessageReader;
  readonly #chunks: Uint8Array[] = [];
  #total = 0;
  /** With the prefix, once that is known. */
  #wanted = 0;
  #found = false;

  constructor(call: LaneCall, wire: Wire, reader: MessageReader) {
    this.#call = call;
    this.#wire = wire;
    this.#reader = reader;
  }

  data(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#total += chunk.byteLength;
    if (this.#wanted === 0 && this.#total >= prefixBytes) {
      const length = lengthOf(this.#chunks, chunk);
      // Messages that are too large or have flags are refused, or passed on,
      // as soon as they begin.
      if (length < 0 || length > this.#call.lane.options.readMaxBytes) {
        this.#giveUp();
        return;
      }
      this.#wanted = prefixBytes + length;
    }
    if (this.#wanted > 0 && this.#total > this.#wanted) {
      this.#giveUp();
    } else if (this.#total === this.#wanted) {
      this.#parse();
    }
  }

  end(): void {
    if (this.#found) {
      this.#reader.end();
    } else {
      this.#giveUp();
    }
  }

  #parse(): void {
    const bytes = joinChunks(this.#chunks, prefixBytes, this.#total);
    let message: Message;
    try {
      message = this.#call.codec.parse(bytes);
    } catch (error) {
      this.#wire.rest();
      this.#reader.failed(error);
      return;
    }
    this.#found = true;
    this.#reader.message(message);
  }

  #giveUp(): void {
    const rest = this.#wire.rest();
    readOdd(this.#call, this.#chunks, rest, this.#found, this.#reader);
  }
}

/** The length of the first message; negative if it has flags. */
function lengthOf(chunks: readonly Uint8Array[], last: Uint8Array): number {
  const prefix = chunks.length === 1 ? last : Buffer.concat(chunks);
  return prefix[0] === 0
    ? Number(prefix[1]) * 0x1000000 +
        ((Number(prefix[2]) << 16) |
          (Number(prefix[3]) << 8) |
          Number(prefix[4]))
    : -1;
}
