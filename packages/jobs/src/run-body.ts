import type { JobContext, JobDefinition } from "./job-definition.js";

/** How the work of a run ended. */
export type BodyEnd =
  | { readonly kind: "success"; readonly result?: string }
  | { readonly kind: "failure"; readonly error: Error };

/** How long a run may go on after its signal has aborted: 5 s, in milliseconds. */
export const abortGraceMs = 5_000;

/**
 * Does the work of a run, to its end or until it is given up: a run that goes
 * on for 5 s after its signal aborted is a failure, whatever it does later.
 * Never throws.
 */
export async function runBody(
  definition: JobDefinition,
  context: JobContext,
  controller: AbortController,
): Promise<BodyEnd> {
  const { timeoutMs } = definition;
  const timedOut = new Error(`timed out after ${timeoutMs} ms`);
  const timer = setTimeout(() => controller.abort(timedOut), timeoutMs);
  const settled = new AbortController();
  const { signal } = controller;
  try {
    return await Promise.race([
      doWork(definition, context, timedOut),
      giveUp(signal, settled.signal),
    ]);
  } finally {
    clearTimeout(timer);
    settled.abort();
  }
}

async function doWork(
  definition: JobDefinition,
  context: JobContext,
  timedOut: Error,
): Promise<BodyEnd> {
  const { signal } = context;
  try {
    const result = await definition.run(context);
    return signal.reason === timedOut
      ? { kind: "failure", error: timedOut }
      : {
          kind: "success",
          result: typeof result === "string" ? result : undefined,
        };
  } catch (error) {
    // Work that stops for its signal throws that, or some AbortError of Node.
    return {
      kind: "failure",
      error: toError(signal.aborted ? signal.reason : error),
    };
  }
}

function giveUp(signal: AbortSignal, settled: AbortSignal): Promise<BodyEnd> {
  return new Promise((resolve) => {
    const wait = (): void => {
      const reason = toError(signal.reason).message;
      const error = new Error(
        `${reason}, and did not stop within ${abortGraceMs} ms`,
      );
      const timer = setTimeout(
        () => resolve({ kind: "failure", error }),
        abortGraceMs,
      );
      settled.addEventListener("abort", () => clearTimeout(timer));
    };
    if (signal.aborted) {
      wait();
    } else {
      signal.addEventListener("abort", wait, { signal: settled });
    }
  });
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
