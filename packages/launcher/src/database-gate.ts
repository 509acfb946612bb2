import type { OutputLine } from "./logs.js";

/** Follows the database's output until it says that it is ready. */
export interface DatabaseGate {
  /**
   * Takes a line of the database while it starts, and passes it on for people
   * to read. Answers false for every other line.
   */
  take(line: OutputLine): boolean;
  isReady(): boolean;
  /**
   * Settles when the database is ready. Fails when that takes longer than
   * this time, or with the reason of the signal.
   */
  waitUntilReady(timeoutMs: number, signal: AbortSignal): Promise<void>;
}

/** How long silence may last before it is said that the wait goes on. */
const silenceMs = 10_000;

/** The database gives its address once it answers there, and not before. */
const readyLine = /^MONGODB_URI=/;

/** Creates the gate. What the database says during its start goes to `say`. */
export function createDatabaseGate(say: (text: string) => void): DatabaseGate {
  let ready = false;
  let onReady = () => {};
  const whenReady = new Promise<void>((resolve) => {
    onReady = resolve;
  });
  let saidAt = performance.now();
  return {
    take({ process, text }) {
      if (process !== "database" || ready) {
        return false;
      }
      saidAt = performance.now();
      say(text.startsWith("database") ? text : `database: ${text}`);
      if (readyLine.test(text)) {
        ready = true;
        onReady();
      }
      return true;
    },
    isReady: () => ready,
    async waitUntilReady(timeoutMs, signal) {
      const begin = performance.now();
      const silence = setInterval(() => {
        if (performance.now() - saidAt >= silenceMs) {
          saidAt = performance.now();
          const waited = Math.round((saidAt - begin) / 1000);
          say(`still waiting for the database (${waited} s)`);
        }
      }, 1000);
      const bound = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        await Promise.race([whenReady, aborted(bound)]);
      } catch (error) {
        signal.throwIfAborted();
        const limit = `within ${timeoutMs / 1000} s`;
        throw new Error(`the database is not ready ${limit}`, { cause: error });
      } finally {
        clearInterval(silence);
      }
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), {
      once: true,
    });
  });
}
