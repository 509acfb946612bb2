import { Buffer } from "node:buffer";

// Node's own decoder takes any bytes, at a price of some 60 ns for a call. Its
// types leave it out.
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
};

const { fromCharCode } = String;

/**
 * Makes a string of the bytes of `bytes` from `start` up to `end`, which must
 * be within them. Short ones, as most that differ between calls are, take less
 * than half the time when V8 makes them itself, which it does for a fixed
 * number of arguments.
 */
export function latin1String(
  bytes: Uint8Array,
  start: number,
  end: number,
): string {
  const length = end - start;
  if (length > 8) {
    return latin1Slice.call(bytes, start, end);
  }
  const at = (i: number) => bytes[start + i] ?? 0;
  switch (length) {
    case 0:
      return "";
    case 1:
      return fromCharCode(at(0));
    case 2:
      return fromCharCode(at(0), at(1));
    case 3:
      return fromCharCode(at(0), at(1), at(2));
    case 4:
      return fromCharCode(at(0), at(1), at(2), at(3));
    case 5:
      return fromCharCode(at(0), at(1), at(2), at(3), at(4));
    case 6:
      return fromCharCode(at(0), at(1), at(2), at(3), at(4), at(5));
    case 7:
      return fromCharCode(at(0), at(1), at(2), at(3), at(4), at(5), at(6));
    default:
      return fromCharCode(
        at(0),
        at(1),
        at(2),
        at(3),
        at(4),
        at(5),
        at(6),
        at(7),
      );
  }
}
