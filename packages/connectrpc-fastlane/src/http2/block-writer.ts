import { FieldName, isSecret } from "./hpack-field-name.js";
import {
  indexedField,
  integerBytes,
  literalNeverIndexed,
  literalWithoutIndexing,
  writeLiteral,
} from "./hpack-write.js";

/** Names are chosen by peers too, so that not all are remembered. */
const maxNames = 512;
const names = new Map<string, FieldName>();

/** One for all blocks, each of which is made without a pause. */
let scratch = Buffer.allocUnsafeSlow(4_096);

/**
 * Writes a header block without the dynamic table (RFC 7541): it is valid on
 * any connection at any time, so that it can be made once for many, as long as
 * no update of the table's size is due there.
 *
 * The blocks share one memory: a block is to be finished before the next is
 * begun.
 */
export class BlockWriter {
  #at = 0;

  /** Adds a field. Of each character of the value the lower byte is written. */
  add(name: string, value: string): this {
    const bound = name.length + value.length + 3 * integerBytes;
    if (scratch.length - this.#at < bound) {
      const larger = Buffer.allocUnsafeSlow(scratch.length * 2 + bound);
      larger.set(scratch.subarray(0, this.#at));
      scratch = larger;
    }
    const known = names.get(name) ?? learn(name);
    const number = known.numbers.get(value) ?? 0;
    if (number < 0) {
      scratch[this.#at] = indexedField | -number;
      this.#at += 1;
      return this;
    }
    this.#at = writeLiteral(
      scratch,
      this.#at,
      isSecret(known, value) ? literalNeverIndexed : literalWithoutIndexing,
      known.staticIndex,
      name,
      value,
    );
    return this;
  }

  /** The block, in memory of its own. */
  finish(): Buffer {
    const block = Buffer.allocUnsafe(this.#at);
    scratch.copy(block, 0, 0, this.#at);
    return block;
  }
}

/** The block of a list of names, each followed by its value. */
export function encodeStaticBlock(fields: readonly string[]): Buffer {
  const writer = new BlockWriter();
  for (let i = 0; i < fields.length; i += 2) {
    writer.add(fields[i] ?? "", fields[i + 1] ?? "");
  }
  return writer.finish();
}

function learn(name: string): FieldName {
  if (names.size >= maxNames) {
    names.clear();
  }
  const known = new FieldName(name);
  names.set(name, known);
  return known;
}
