import { SingleBar } from "cli-progress";
import { formatCount } from "./format-result.js";
import type { Progress } from "./progress.js";

/** Where progress is shown. */
export type ProgressStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
};

/** Shows how a run goes. */
export interface ProgressDisplay {
  show(progress: Progress): void;
  /** Leaves the stream at the begin of a line. */
  end(): void;
}

/** Creates a display: a bar on a terminal, else a plain line each time. */
export function createProgressDisplay(stream: ProgressStream): ProgressDisplay {
  if (stream.isTTY !== true) {
    return {
      show: (progress) => {
        stream.write(`${formatProgress(progress)}\n`);
      },
      end() {},
    };
  }
  const bar = new SingleBar({
    stream,
    format: "{bar} {percentage} % {figures}",
    barsize: 20,
    hideCursor: true,
    // Ctrl-C ends the load, and the bar with it.
    gracefulExit: false,
  });
  bar.start(1, 0, { figures: "" });
  return {
    show: (progress) =>
      bar.update(progress.fraction, { figures: formatProgress(progress) }),
    end: () => bar.stop(),
  };
}

function formatProgress(progress: Progress): string {
  const { elapsedMs, calls, callsPerSecond, inFlight } = progress;
  const { unexpected, dropped } = progress;
  return [
    `${(elapsedMs / 1000).toFixed(0)} s`,
    `${formatCount(calls)} calls`,
    `${formatCount(Math.round(callsPerSecond))}/s`,
    `${formatCount(inFlight)} in flight`,
    `${formatCount(unexpected)} unexpected`,
    `${formatCount(dropped)} dropped`,
  ].join(", ");
}
