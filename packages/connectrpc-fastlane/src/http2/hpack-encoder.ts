import { FieldName, isSecret } from "./hpack-field-name.js";
import { staticLength } from "./hpack-static-table.js";
import {
  indexedField,
  integerBytes,
  literalNeverIndexed,
  literalWithIndexing,
  literalWithoutIndexing,
  tableSizeUpdate,
  writeInteger,
  writeLiteral,
} from "./hpack-write.js";

const defaultTableBytes = 4096;
const fieldOverheadBytes = 32;

// More names than this on one connection are not worth to be remembered, and
// must not fill the memory.
const maxNames = 256;

// The fields of a block whose names are remembered by their place.
const maxOrdered = 32;

// A name that gets a new value in more than half of the blocks would push out
// all others: then none is added for a while.
const addedAtOnce = 16;
const pauseBlocks = 256;

/**
 * The sending side of header compression for one connection, RFC 7541. Fields
 * that repeat are kept in the dynamic table; those known to differ between
 * calls are not, and secrets are marked to be never indexed.
 */
export class HpackEncoder {
  readonly #maxTableBytes: number;
  #limitBytes = defaultTableBytes;
  // The lowest limit since the last block, and the limit that was sent last.
  #lowestBytes = defaultTableBytes;
  #sentBytes = defaultTableBytes;
  #tableBytes = 0;
  // The fields of the table by their number. The oldest one is #dropped + 1,
  // the newest #added.
  readonly #table = new Map<number, { name: FieldName; value: string }>();
  #added = 0;
  #dropped = 0;
  #blocks = 0;
  readonly #names = new Map<string, FieldName>();
  // The names of the last block in order. Most blocks have the same, and to
  // compare them is cheaper than to look them up.
  readonly #order: FieldName[] = [];
  readonly #otherName = new FieldName("", "literal");

  /**
   * @param maxTableBytes The most that the dynamic table may take here,
   * however much the peer allows. By default, 4096.
   */
  constructor(maxTableBytes: number = defaultTableBytes) {
    this.#maxTableBytes = maxTableBytes;
    this.setPeerTableSize(defaultTableBytes);
  }

  /**
   * Whether the next block must start with an update of the table's size, as
   * encode() writes it. A block without the table must not be sent then.
   */
  get updateDue(): boolean {
    return (
      this.#lowestBytes !== this.#sentBytes ||
      this.#limitBytes !== this.#sentBytes
    );
  }

  /**
   * Takes the SETTINGS_HEADER_TABLE_SIZE of the peer. If the size of the table
   * changes by it, the next block starts with an update.
   */
  setPeerTableSize(bytes: number): void {
    this.#limitBytes = Math.min(bytes, this.#maxTableBytes);
    this.#lowestBytes = Math.min(this.#lowestBytes, this.#limitBytes);
    this.#evict(this.#limitBytes);
  }

  /** Gives an upper bound of the bytes that these fields are encoded to. */
  static bound(fields: readonly string[]): number {
    let bytes = 2 * integerBytes;
    for (const text of fields) {
      bytes += text.length + 2 * integerBytes;
    }
    return bytes;
  }

  /**
   * Writes the header block of a list of names, each followed by its value, to
   * `target` from `offset` on, which must have room for `bound(fields)` bytes.
   * Of each character the lower byte is written. Returns the offset after it.
   */
  encode(
    fields: readonly string[],
    target: Uint8Array,
    offset: number,
  ): number {
    let pos = this.updateDue ? this.#writeUpdates(target, offset) : offset;
    this.#blocks++;
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] ?? "";
      const value = fields[i + 1] ?? "";
      let known = this.#order[i >> 1];
      if (known === undefined || known.name !== name) {
        known = this.#names.get(name) ?? this.#learn(name);
        if (i >> 1 < maxOrdered) {
          this.#order[i >> 1] = known;
        }
      }
      const number =
        value === known.value ? known.number : (known.numbers.get(value) ?? 0);
      if (number < 0) {
        target[pos++] = indexedField | -number;
      } else if (number > this.#dropped) {
        known.value = value;
        known.number = number;
        const index = staticLength + 1 + this.#added - number;
        pos = writeInteger(target, pos, indexedField, 0x7f, index);
      } else {
        pos = this.#literal(target, pos, known, name, value);
      }
    }
    return pos;
  }

  #learn(name: string): FieldName {
    if (this.#names.size === maxNames) {
      return this.#otherName;
    }
    const known = new FieldName(name);
    this.#names.set(name, known);
    return known;
  }

  #literal(
    target: Uint8Array,
    offset: number,
    known: FieldName,
    name: string,
    value: string,
  ): number {
    const nameIndex =
      known.staticIndex > 0
        ? known.staticIndex
        : known.newest > this.#dropped
          ? staticLength + 1 + this.#added - known.newest
          : 0;
    let first = literalWithoutIndexing;
    if (isSecret(known, value)) {
      first = literalNeverIndexed;
    } else if (this.#isWorthAdding(known, nameIndex, value)) {
      first = literalWithIndexing;
      this.#add(known, value);
    }
    return writeLiteral(target, offset, first, nameIndex, name, value);
  }

  /**
   * Whether to add a field to the table. One that differs between calls is
   * added for the sake of its name alone.
   */
  #isWorthAdding(known: FieldName, nameIndex: number, value: string): boolean {
    const bytes = known.name.length + value.length + fieldOverheadBytes;
    return (
      bytes * 2 <= this.#limitBytes &&
      known !== this.#otherName &&
      this.#blocks >= known.pausedUntil &&
      (known.indexing !== "literal" || nameIndex === 0)
    );
  }

  #add(known: FieldName, value: string): void {
    const bytes = known.name.length + value.length + fieldOverheadBytes;
    this.#evict(this.#limitBytes - bytes);
    this.#added++;
    this.#tableBytes += bytes;
    this.#table.set(this.#added, { name: known, value });
    known.newest = this.#added;
    if (known.indexing !== "literal") {
      known.numbers.set(value, this.#added);
      known.value = value;
      known.number = this.#added;
    }
    known.added++;
    if (known.added === addedAtOnce) {
      const isPaused = this.#blocks - known.since < 2 * addedAtOnce;
      known.pausedUntil = isPaused ? this.#blocks + pauseBlocks : 0;
      known.since = isPaused ? known.pausedUntil : this.#blocks;
      known.added = 0;
    }
  }

  /** Drops the oldest fields until those left are no more than `bytes`. */
  #evict(bytes: number): void {
    while (this.#tableBytes > bytes) {
      this.#dropped++;
      const oldest = this.#table.get(this.#dropped);
      if (oldest === undefined) {
        return;
      }
      const { name, value } = oldest;
      this.#table.delete(this.#dropped);
      this.#tableBytes -= name.name.length + value.length + fieldOverheadBytes;
      if (name.numbers.get(value) === this.#dropped) {
        name.numbers.delete(value);
      }
    }
  }

  #writeUpdates(target: Uint8Array, offset: number): number {
    let pos = offset;
    if (this.#lowestBytes < this.#limitBytes) {
      // Two updates are needed, of which the first may be lower: with the
      // package hpack of Go, a second one is only allowed on an empty table.
      this.#evict(0);
      target[pos++] = tableSizeUpdate;
    }
    this.#lowestBytes = this.#limitBytes;
    this.#sentBytes = this.#limitBytes;
    return writeInteger(target, pos, tableSizeUpdate, 0x1f, this.#limitBytes);
  }
}
