/** Up to here, a loop is quicker than a view to copy from. */
const smallBytes = 64;

/**
 * Copies the bytes from the offset on into an array of their own: fields of
 * type `bytes` are views on it, and would else hold the buffer of the whole
 * connection.
 */
export function joinChunks(
  chunks: readonly Uint8Array[],
  from: number,
  total: number,
): Uint8Array {
  const bytes = new Uint8Array(total - from);
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined && total <= smallBytes) {
    for (let i = from; i < total; i++) {
      bytes[i - from] = Number(only[i]);
    }
    return bytes;
  }
  let offset = -from;
  for (const chunk of chunks) {
    if (offset >= 0) {
      bytes.set(chunk, offset);
    } else if (offset + chunk.byteLength > 0) {
      bytes.set(chunk.subarray(-offset), 0);
    }
    offset += chunk.byteLength;
  }
  return bytes;
}

/** The chunks that were read, and those to come. */
export async function* concatChunks(
  chunks: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* chunks;
  yield* rest;
}
