import { useEffectEvent, useLayoutEffect, useState } from "react";
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
  // In the layout: a browser that has to paint the page first opens it later.
  // biome-ignore lint/correctness/useExhaustiveDependencies: opened again for another key, and after sleep
  useLayoutEffect(() => {
    if (!isVisible) {
      setState({ kind: "paused" });
      return;
    }
    const ended = new AbortController();
    void followStream<T>({
      open: (signal) => open(signal),
      onMessage: (message) => onMessage(message),
      // What is connecting already is not made anew.
      onState: (next) =>
        setState((before) =>
          before.kind === next.kind && !("reason" in next) ? before : next,
        ),
      signal: ended.signal,
      stallMs,
    });
    return () => ended.abort();
  }, [key, stallMs, isVisible, wakes]);
  return state;
}
