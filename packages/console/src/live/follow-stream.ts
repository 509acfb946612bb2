import { Code, ConnectError } from "@connectrpc/connect";
import { forgetEndedSession } from "../transport.js";

/** How a live stream is doing. */
export type StreamState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "reconnecting"; readonly reason: string }
  | { readonly kind: "paused" }
  | { readonly kind: "refused"; readonly reason: string };

/** A live stream and who listens to it. */
export interface FollowOptions<T> {
  open(signal: AbortSignal): AsyncIterable<T>;
  onMessage(message: T): void;
  onState(state: StreamState): void;
  /** Ends it. */
  signal: AbortSignal;
  /** A stream that is silent for longer is opened again. By default, never. */
  stallMs?: number | undefined;
  /** The longest pause before it is opened again. By default, 15 s. */
  maxPauseMs?: number;
}

/** What does not change when it is asked for again. */
const final = new Set([
  Code.Unauthenticated,
  Code.PermissionDenied,
  Code.InvalidArgument,
  Code.NotFound,
  Code.Unimplemented,
]);

/** Reads a stream, and opens it again whenever it ends, ever more slowly. */
export async function followStream<T>(options: FollowOptions<T>) {
  const { signal, onState, maxPauseMs = 15_000 } = options;
  onState({ kind: "connecting" });
  let pauseMs = 500;
  while (!signal.aborted) {
    const { error, messages } = await readOnce(options);
    if (signal.aborted) {
      return;
    }
    const { code, rawMessage } = ConnectError.from(error);
    if (final.has(code)) {
      forgetEndedSession(error);
      onState({ kind: "refused", reason: rawMessage });
      return;
    }
    onState({ kind: "reconnecting", reason: rawMessage });
    pauseMs = messages > 0 ? 500 : Math.min(pauseMs * 2, maxPauseMs);
    // Not all at once, when a server comes back to many pages.
    await pause(pauseMs * (0.75 + Math.random() / 2), signal);
  }
}

async function readOnce<T>(options: FollowOptions<T>) {
  const { open, onMessage, onState, signal, stallMs } = options;
  const attempt = new AbortController();
  const end = () => attempt.abort();
  signal.addEventListener("abort", end);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watch = () => {
    clearTimeout(timer);
    timer = stallMs === undefined ? undefined : setTimeout(end, stallMs);
  };
  let messages = 0;
  try {
    watch();
    for await (const message of open(attempt.signal)) {
      watch();
      if (messages === 0) {
        onState({ kind: "live" });
      }
      messages += 1;
      onMessage(message);
    }
    return { messages, error: new Error("the server ended the stream") };
  } catch (error) {
    return { messages, error };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
