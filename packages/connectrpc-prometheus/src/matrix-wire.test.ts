import type { ConnectRouter } from "@connectrpc/connect";

/** Changes the bytes of a request, or of a response, on their way. */
export interface Wire {
  request?(bytes: Uint8Array): Uint8Array;
  response?(bytes: Uint8Array): Uint8Array;
}

/** Changes bytes outside of what the metrics see, as a broken peer would. */
export function tamper(router: ConnectRouter, wire: Wire): void {
  const { request, response } = wire;
  router.handlers.forEach((handler, i) => {
    const tampered = async (req: Parameters<typeof handler>[0]) => {
      // The adapters used here give a stream of bytes.
      const body = req.body as AsyncIterable<Uint8Array>;
      const res = await handler(
        request === undefined ? req : { ...req, body: change(body, request) },
      );
      return response === undefined || res.body === undefined
        ? res
        : { ...res, body: change(res.body, response) };
    };
    router.handlers[i] = Object.assign(tampered, handler);
  });
}

/** A text that becomes invalid where {@link spoil} changes the bytes. */
export const spoilt = "spoil";

const marker = new TextEncoder().encode(spoilt);

/** Makes the text of a message invalid, if it is the one. */
export function spoil(bytes: Uint8Array): Uint8Array {
  const at = Buffer.from(bytes).indexOf(marker);
  return at < 0
    ? bytes
    : Uint8Array.from(bytes).fill(0xff, at, at + marker.length);
}

async function* change(
  chunks: AsyncIterable<Uint8Array>,
  changed: (bytes: Uint8Array) => Uint8Array,
): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    yield changed(chunk);
  }
}
