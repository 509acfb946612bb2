import type { Compression } from "@connectrpc/connect/protocol";

const compressedFlag = 0b1;
const prefixBytes = 5;

/** Puts the prefix of gRPC and of Connect streams before a message. */
export function wrapEnvelope(flags: number, data: Uint8Array): Uint8Array {
  const length = data.byteLength;
  const bytes = Buffer.allocUnsafe(prefixBytes + length);
  bytes[0] = flags;
  bytes.writeUInt32BE(length, 1);
  bytes.set(data, prefixBytes);
  return bytes;
}

/** The same, compressed. */
export async function compressEnvelope(
  flags: number,
  data: Uint8Array,
  compression: Compression,
): Promise<Uint8Array> {
  return wrapEnvelope(flags | compressedFlag, await compression.compress(data));
}
