import { useEffect, useState } from "react";

/** Whether anybody can see the page, and how often it has woken up. */
export interface PageAwake {
  readonly isVisible: boolean;
  /** Counts what leaves old connections dead: sleep, and a network that came back. */
  readonly wakes: number;
}

const tickMs = 5_000;

/** Follows whether the page is seen, sleeps or loses the network. */
export function usePageAwake(): PageAwake {
  const [isVisible, setVisible] = useState(
    () => document.visibilityState === "visible",
  );
  const [wakes, setWakes] = useState(0);
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === "visible");
    const wake = () => setWakes((count) => count + 1);
    let last = Date.now();
    const timer = setInterval(() => {
      const now = Date.now();
      // A timer that comes this late has slept with its machine.
      if (now - last > 6 * tickMs) {
        wake();
      }
      last = now;
    }, tickMs);
    document.addEventListener("visibilitychange", look);
    window.addEventListener("online", wake);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("online", wake);
    };
  }, []);
  return { isVisible, wakes };
}
