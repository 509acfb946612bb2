import { CompressionError } from "./compression-error.js";
import { decodeHuffman } from "./hpack-huffman.js";
import { staticFields, staticLength } from "./hpack-static-table.js";
import { latin1String } from "./latin1-string.js";

/** The size of a dynamic table until settings and an update change it. */
const initialTableBytes = 4096;

const noBytes = new Uint8Array(0);

/** What each field counts beside its name and its value, in all sizes. */
const fieldOverheadBytes = 32;

/**
 * The receiving side of header compression for one connection, RFC 7541: it
 * holds the dynamic table that the blocks of the peer build.
 */
export class HpackDecoder {
  /**
   * Whether the last block was larger than allowed, so that its list of
   * fields is cut short.
   */
  overflowed = false;

  readonly #maxTableBytes: number;
  // Until the peer sends an update it may use the initial size, whatever was
  // announced: it may not have seen the settings yet.
  #limitBytes = initialTableBytes;
  #tableBytes = 0;
  // A ring of names, each with its value after it. Its length is a power of
  // two, and #head is where the next name goes.
  #ring: string[] = new Array<string>(64).fill("");
  #head = 0;
  #count = 0;
  // Where the block is read, and where it ends.
  #block: Uint8Array = noBytes;
  #pos = 0;
  #end = 0;

  /**
   * @param maxTableBytes The announced SETTINGS_HEADER_TABLE_SIZE. By default,
   * 4096.
   */
  constructor(maxTableBytes: number = initialTableBytes) {
    this.#maxTableBytes = maxTableBytes;
  }

  /**
   * Decodes the header block from `start` up to `end`, which must be complete,
   * to a fresh list of names, each followed by its value. Throws a
   * CompressionError if the block is malformed.
   *
   * Fields are left out from the first on that makes the list larger than
   * `maxListBytes`, as RFC 9113, section 6.5.2 counts it; the dynamic table
   * is kept right all the same.
   */
  decode(
    block: Uint8Array,
    start: number,
    end: number,
    maxListBytes: number,
  ): string[] {
    const fields: string[] = [];
    let listBytes = 0;
    this.overflowed = false;
    this.#block = block;
    this.#end = end;
    let pos = this.#updateSize(start);
    while (pos < end) {
      const first = block[pos++] ?? 0;
      let name: string;
      let value: string;
      if (first >= 0x80) {
        let index = first & 0x7f;
        if (index === 0x7f) {
          this.#pos = pos;
          index = this.#integer(0x7f);
          pos = this.#pos;
        }
        if (index <= staticLength) {
          if (index === 0) {
            throw new CompressionError("index 0 in a header block");
          }
          name = staticFields[index * 2] ?? "";
          value = staticFields[index * 2 + 1] ?? "";
        } else {
          const at = this.#slot(index);
          name = this.#ring[at] ?? "";
          value = this.#ring[at + 1] ?? "";
        }
      } else {
        this.#pos = pos;
        if (first >= 0x40) {
          name = this.#name(first & 0x3f, 0x3f);
          value = this.#string();
          this.#add(name, value);
        } else if (first >= 0x20) {
          throw new CompressionError("table size update after a field");
        } else {
          name = this.#name(first & 0x0f, 0x0f);
          value = this.#string();
        }
        pos = this.#pos;
      }
      listBytes += name.length + value.length + fieldOverheadBytes;
      if (listBytes > maxListBytes) {
        this.overflowed = true;
      } else {
        fields.push(name, value);
      }
    }
    this.#block = noBytes;
    return fields;
  }

  /** Takes the updates at the start, and gives where the fields start. */
  #updateSize(start: number): number {
    this.#pos = start;
    for (let updates = 0; updates < 2 && this.#pos < this.#end; updates++) {
      const first = this.#block[this.#pos] ?? 0;
      if ((first & 0xe0) !== 0x20) {
        break;
      }
      this.#pos++;
      const bytes =
        (first & 0x1f) === 0x1f ? this.#integer(0x1f) : first & 0x1f;
      if (bytes > this.#maxTableBytes) {
        throw new CompressionError(
          `table size ${bytes} is above ${this.#maxTableBytes}`,
        );
      }
      this.#limitBytes = bytes;
      this.#evict(bytes);
    }
    return this.#pos;
  }

  /** Reads the rest of an integer that did not fit into its prefix. */
  #integer(prefix: number): number {
    let value = prefix;
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.#pos >= this.#end) {
        throw new CompressionError("integer beyond the end of a header block");
      }
      const byte = this.#block[this.#pos++] ?? 0;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    throw new CompressionError("integer of more than 28 bits");
  }

  /** Reads the name of a literal, which may be that of an indexed field. */
  #name(inPrefix: number, prefix: number): string {
    if (inPrefix === 0) {
      return this.#string();
    }
    const index = inPrefix === prefix ? this.#integer(prefix) : inPrefix;
    return index <= staticLength
      ? (staticFields[index * 2] ?? "")
      : (this.#ring[this.#slot(index)] ?? "");
  }

  #string(): string {
    if (this.#pos >= this.#end) {
      throw new CompressionError("literal beyond the end of a header block");
    }
    const first = this.#block[this.#pos++] ?? 0;
    const length = (first & 0x7f) === 0x7f ? this.#integer(0x7f) : first & 0x7f;
    const start = this.#pos;
    const end = start + length;
    if (end > this.#end) {
      throw new CompressionError("literal beyond the end of a header block");
    }
    this.#pos = end;
    return first < 0x80
      ? latin1String(this.#block, start, end)
      : decodeHuffman(this.#block, start, end);
  }

  /** Gives where in the ring the name with a dynamic index is. */
  #slot(index: number): number {
    const age = index - staticLength;
    if (age > this.#count) {
      throw new CompressionError(`index ${index} is not in the table`);
    }
    return (this.#head - age * 2) & (this.#ring.length - 1);
  }

  #add(name: string, value: string): void {
    const bytes = name.length + value.length + fieldOverheadBytes;
    this.#evict(this.#limitBytes - bytes);
    if (bytes > this.#limitBytes) {
      return;
    }
    if (this.#count * 2 === this.#ring.length) {
      this.#grow();
    }
    this.#ring[this.#head] = name;
    this.#ring[this.#head + 1] = value;
    this.#head = (this.#head + 2) & (this.#ring.length - 1);
    this.#count++;
    this.#tableBytes += bytes;
  }

  /** Drops the oldest fields until those left are no more than `bytes`. */
  #evict(bytes: number): void {
    while (this.#tableBytes > bytes && this.#count > 0) {
      const at = (this.#head - this.#count * 2) & (this.#ring.length - 1);
      const name = this.#ring[at] ?? "";
      const value = this.#ring[at + 1] ?? "";
      this.#tableBytes -= name.length + value.length + fieldOverheadBytes;
      this.#ring[at] = "";
      this.#ring[at + 1] = "";
      this.#count--;
    }
  }

  /** Doubles a full ring, with the oldest field at its start. */
  #grow(): void {
    const { length } = this.#ring;
    const oldest = this.#head;
    this.#ring = [
      ...this.#ring.slice(oldest),
      ...this.#ring.slice(0, oldest),
      ...new Array<string>(length).fill(""),
    ];
    this.#head = length;
  }
}
