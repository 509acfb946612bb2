import { Buffer } from "node:buffer";

// Node's own encoder takes any target, at a price of some 60 ns for a call. Its
// types leave it out.
const { latin1Write } = Buffer.prototype as unknown as {
  latin1Write(this: Uint8Array, text: string, offset: number): number;
};

// From this length on, Node's own encoder is faster than a loop.
const longString = 48;

/** The first bits of each representation of a field, RFC 7541, section 6. */
export const indexedField = 0x80;
export const literalWithIndexing = 0x40;
export const tableSizeUpdate = 0x20;
export const literalNeverIndexed = 0x10;
export const literalWithoutIndexing = 0x00;

/** The most bytes of an integer of 28 bits. */
export const integerBytes = 5;

/**
 * Writes an integer after the bits `first` of its first byte, of which it
 * fills the part `prefix`. Returns the offset after it.
 */
export function writeInteger(
  target: Uint8Array,
  offset: number,
  first: number,
  prefix: number,
  value: number,
): number {
  if (value < prefix) {
    target[offset] = first | value;
    return offset + 1;
  }
  target[offset++] = first | prefix;
  let rest = value - prefix;
  while (rest >= 0x80) {
    target[offset++] = rest | 0x80;
    rest >>>= 7;
  }
  target[offset] = rest;
  return offset + 1;
}

/** Writes a string in latin1, without Huffman code. Returns the offset after it. */
export function writeString(
  target: Uint8Array,
  offset: number,
  value: string,
): number {
  const { length } = value;
  let pos = writeInteger(target, offset, 0, 0x7f, length);
  if (length >= longString) {
    return pos + latin1Write.call(target, value, pos);
  }
  for (let i = 0; i < length; i++) {
    target[pos++] = value.charCodeAt(i);
  }
  return pos;
}

/**
 * Writes a literal field of the representation `first`. The name is that of
 * the index `nameIndex`, or if that is 0, it is spelled out. Returns the
 * offset after it.
 */
export function writeLiteral(
  target: Uint8Array,
  offset: number,
  first: number,
  nameIndex: number,
  name: string,
  value: string,
): number {
  const prefix = first === literalWithIndexing ? 0x3f : 0x0f;
  let pos = writeInteger(target, offset, first, prefix, nameIndex);
  if (nameIndex === 0) {
    pos = writeString(target, pos, name);
  }
  return writeString(target, pos, value);
}
