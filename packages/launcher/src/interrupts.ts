import type { EventEmitter } from "node:events";

/** Hears what tells the launcher to end. */
export interface Interrupts {
  /** Settles with what told it first: a signal, or a sentence. */
  readonly first: Promise<string>;
  /** Settles when a person presses Ctrl-C again. */
  readonly second: Promise<void>;
  /** Stops listening. */
  close(): void;
}

/** What {@link watchInterrupts} listens to. */
export interface WatchInterruptsOptions {
  /** The parent process, whose end is watched. By default, none is. */
  parentPid?: number;
  /** How often the parent is looked for. By default, 500. */
  parentPollMs?: number;
  /** A steady clock, in milliseconds. By default, `performance.now`. */
  now?: () => number;
}

/**
 * A signal that follows within this many milliseconds is the same one: npm
 * passes on the Ctrl-C that its terminal has also sent to the launcher itself.
 */
export const sameSignalMs = 500;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Listens to signals, to the end of standard output's reader and to the end of
 * the parent (npm's shell does not pass on a SIGTERM, it dies of it).
 */
export function watchInterrupts(
  output: EventEmitter,
  options: WatchInterruptsOptions = {},
): Interrupts {
  const { parentPid, parentPollMs = 500 } = options;
  const { now = () => performance.now() } = options;
  let onFirst: (reason: string) => void = () => {};
  let onSecond: () => void = () => {};
  const first = new Promise<string>((resolve) => {
    onFirst = resolve;
  });
  const second = new Promise<void>((resolve) => {
    onSecond = resolve;
  });
  let firstAt: number | undefined;

  const interrupt = (reason: string) => {
    if (firstAt === undefined) {
      firstAt = now();
      onFirst(reason);
    }
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (
      firstAt !== undefined &&
      now() - firstAt > sameSignalMs &&
      signal !== "SIGHUP"
    ) {
      onSecond();
    }
    interrupt(signal);
  };
  const onOutputError = () => interrupt("nobody reads the output any more");
  const parentTimer = setInterval(() => {
    if (parentPid !== undefined && process.ppid !== parentPid) {
      interrupt("npm is no more");
    }
  }, parentPollMs);

  for (const signal of signals) {
    process.on(signal, onSignal);
  }
  output.on("error", onOutputError);
  return {
    first,
    second,
    close() {
      clearInterval(parentTimer);
      for (const signal of signals) {
        process.off(signal, onSignal);
      }
    },
  };
}
