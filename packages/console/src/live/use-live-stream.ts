import { useEffect, useEffectEvent, useState } from "react";
import { followStream, type StreamState } from "./follow-stream.js";
import { usePageAwake } from "./use-page-awake.js";

/** What {@link useLiveStream} is given. */
export interface LiveStreamOptions<T> {
  /** Names what is asked for: another one opens another stream. */
  key: string;
  open(signal: AbortSignal): AsyncIterable<T>;
  onMessage(message: T): void;
  /** A stream that is silent for longer is opened again. By default, never. */
  stallMs?: number;
}

/**
 * Keeps one stream open while the page is seen. A browser has six connections
 * to a host without TLS: a page has one stream, and a hidden page none.
 */
export function useLiveStream<T>(options: LiveStreamOptions<T>): StreamState {
  const { key, stallMs } = options;
  const { isVisible, wakes } = usePageAwake();
  const [state, setState] = useState<StreamState>({ kind: "connecting" });
  const open = useEffectEvent(options.open);
  const onMessage = useEffectEvent(options.onMessage);
  // biome-ignore lint/correctness/useExhaustiveDependencies: opened again for another key, and after sleep
  useEffect(() => {
    if (!isVisible) {
      setState({ kind: "paused" });
      return;
    }
    const ended = new AbortController();
    void followStream<T>({
      open: (signal) => open(signal),
      onMessage: (message) => onMessage(message),
      onState: setState,
      signal: ended.signal,
      stallMs,
    });
    return () => ended.abort();
  }, [key, stallMs, isVisible, wakes]);
  return state;
}
