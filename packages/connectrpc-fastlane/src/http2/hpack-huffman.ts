import { CompressionError } from "./compression-error.js";
import {
  huffmanCodes,
  huffmanEos,
  huffmanLengths,
} from "./hpack-huffman-code.js";
import { latin1String } from "./latin1-string.js";

/*
 * The decoder is a state machine that takes a byte at a time. A state is an
 * inner node of the code's tree, which are 256; a byte completes at most two
 * symbols. An entry of the table holds them (bits 0 to 15), the next state
 * (bits 16 to 23), how many symbols there are (bits 24 and 25), and whether
 * one of them is EOS (bit 26).
 */
const eosFlag = 1 << 26;
let transitions = new Int32Array(0);
let paddingStates = new Uint8Array(0);
let scratch = new Uint8Array(0);
const scratchBytes = 8192;

/**
 * Decodes a string in the Huffman code of HPACK to a latin1 string. Throws a
 * CompressionError if it holds EOS, or does not end with less than eight bits
 * of padding that are all ones.
 */
export function decodeHuffman(
  bytes: Uint8Array,
  start: number,
  end: number,
): string {
  if (transitions.length === 0) {
    buildTables();
  }
  // Codes have at least 5 bits, and two bytes are written at a time.
  const mostSymbols = (((end - start) * 8) / 5 + 2) | 0;
  const symbols =
    mostSymbols > scratchBytes ? new Uint8Array(mostSymbols) : scratch;
  const table = transitions;
  let state = 0;
  let seen = 0;
  let count = 0;
  for (let i = start; i < end; i++) {
    const entry = table[(state << 8) | (bytes[i] ?? 0)] ?? 0;
    symbols[count] = entry;
    symbols[count + 1] = entry >> 8;
    count += (entry >> 24) & 3;
    state = (entry >> 16) & 0xff;
    seen |= entry;
  }
  if ((seen & eosFlag) !== 0) {
    throw new CompressionError("EOS in a Huffman-coded string");
  }
  if (paddingStates[state] !== 1) {
    throw new CompressionError("bad padding of a Huffman-coded string");
  }
  return latin1String(symbols, 0, count);
}

function buildTables(): void {
  const children = buildTree();
  const table = new Int32Array(256 * 256);
  const walk = (
    row: number,
    node: number,
    depth: number,
    byte: number,
    entry: number,
  ) => {
    if (depth === 8) {
      table[row | byte] = entry | (node << 16);
      return;
    }
    for (let bit = 0; bit < 2; bit++) {
      const child = children[node * 2 + bit] ?? 0;
      const next = (byte << 1) | bit;
      if (child >= 0) {
        walk(row, child, depth + 1, next, entry);
      } else if (~child === huffmanEos) {
        walk(row, 0, depth + 1, next, entry | eosFlag);
      } else {
        const shift = 8 * ((entry >> 24) & 3);
        const more = (entry | (~child << shift)) + (1 << 24);
        walk(row, 0, depth + 1, next, more);
      }
    }
  };
  for (let state = 0; state < 256; state++) {
    walk(state << 8, state, 0, 0, 0);
  }
  const padding = new Uint8Array(256);
  for (let node = 0, bits = 0; bits < 8; bits++) {
    padding[node] = 1;
    node = children[node * 2 + 1] ?? 0;
  }
  scratch = new Uint8Array(scratchBytes);
  paddingStates = padding;
  transitions = table;
}

/** Gives two children for each inner node: another, or ~symbol. */
function buildTree(): Int16Array {
  const children = new Int16Array(512);
  const codes = huffmanCodes();
  let nodes = 1;
  for (const [symbol, length] of huffmanLengths.entries()) {
    const code = codes[symbol] ?? 0;
    let node = 0;
    for (let shift = length - 1; shift > 0; shift--) {
      const edge = node * 2 + ((code >> shift) & 1);
      if (children[edge] === 0) {
        children[edge] = nodes++;
      }
      node = children[edge] ?? 0;
    }
    children[node * 2 + (code & 1)] = ~symbol;
  }
  return children;
}
