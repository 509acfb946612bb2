import { constants, type ServerHttp2Stream } from "node:http2";

/** Watches over requests until they have arrived. */
export interface Arrivals {
  /** A request has begun to arrive. */
  watch(stream: ServerHttp2Stream): void;
  /** Its stream is closed. */
  forget(stream: ServerHttp2Stream): void;
}

/** How often requests are looked at: one timer serves them all. */
const maxIntervalMs = 1_000;

/** Resets streams whose requests have not arrived whole after a time. */
export function createArrivals(
  timeoutMs: number,
  onLate: () => void,
): Arrivals {
  // In the order in which they began.
  const arriving = new Map<ServerHttp2Stream, number>();
  let timer: NodeJS.Timeout | undefined;
  const lookLater = () => {
    timer ??= setTimeout(look, Math.min(maxIntervalMs, timeoutMs));
    timer.unref();
  };
  const look = () => {
    timer = undefined;
    const latest = performance.now() - timeoutMs;
    for (const [stream, begun] of arriving) {
      if (begun > latest) {
        lookLater();
        return;
      }
      arriving.delete(stream);
      if (!hasArrived(stream)) {
        onLate();
        stream.close(constants.NGHTTP2_CANCEL);
      }
    }
  };
  return {
    watch(stream) {
      if (!stream.endAfterHeaders) {
        arriving.set(stream, performance.now());
        lookLater();
      }
    },
    forget(stream) {
      arriving.delete(stream);
    },
  };
}

function hasArrived(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.state.remoteClose !== 0;
}
