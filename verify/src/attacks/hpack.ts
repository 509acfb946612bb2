/**
 * Encodes an integer with a prefix of so many bits (RFC 7541, 5.1); `first`
 * holds the bits before the prefix.
 */
export function hpackInteger(
  value: number,
  prefixBits: number,
  first: number,
): Buffer {
  const most = 2 ** prefixBits - 1;
  if (value < most) {
    return Buffer.from([first | value]);
  }
  const bytes = [first | most];
  let rest = value - most;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

function hpackString(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([hpackInteger(bytes.length, 7, 0), bytes]);
}

/** A header as a literal that is not put into the dynamic table (6.2.2). */
export function hpackLiteral(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0]),
    hpackString(name),
    hpackString(value),
  ]);
}

/** A header as a literal that the other end puts into its dynamic table (6.2.1). */
export function hpackStored(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x40]),
    hpackString(name),
    hpackString(value),
  ]);
}

/** A header of the tables; 62 is what the dynamic table took last (6.1). */
export function hpackIndexed(index: number): Buffer {
  return hpackInteger(index, 7, 0x80);
}

/** A header block of literals. */
export function hpackBlock(
  headers: readonly (readonly [name: string, value: string])[],
): Buffer {
  return Buffer.concat(
    headers.map(([name, value]) => hpackLiteral(name, value)),
  );
}
