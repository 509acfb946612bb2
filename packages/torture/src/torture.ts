import { setTimeout as delay } from "node:timers/promises";
import { buildResult } from "./build-result.js";
import { type CodeName, codeNameOf } from "./code-name.js";
import { type Connections, createConnections } from "./connections.js";
import { createFlight } from "./flight.js";
import { resolveOptions, type TortureOptions } from "./options.js";
import { runClosedLoop, runOpenLoop } from "./pace.js";
import { createPlan, type PlannedCall } from "./plan.js";
import type { TortureResult } from "./result.js";
import { createTally, type Outcome } from "./tally.js";
import { watchProgress } from "./watch-progress.js";

/** How long calls may outlive their deadline before connections are broken. */
const overtimeMs = 1_000;

/**
 * Puts load on the services, and tells what became of every call. When the
 * time or the calls are up nothing begins any more, and what is in flight is
 * left to its own timeout; so a run ends at most `timeoutMs` and some 2 s later.
 *
 * Throws an OptionError if the options are wrong, or if a target is not on this
 * machine and was not allowed by name. Calls that fail are a result.
 */
export async function torture(
  options: TortureOptions = {},
): Promise<TortureResult> {
  const settings = resolveOptions(options);
  const { rate, concurrency, maxOutstanding, timeoutMs } = settings;
  const nextCall = createPlan(settings);
  const connections = createConnections(settings);
  const tally = createTally();
  // Aborts when this function is over, at the latest.
  const over = new AbortController();
  const stop = options.signal
    ? AbortSignal.any([options.signal, over.signal])
    : over.signal;
  const startedAt = new Date().toISOString();
  const startMs = performance.now();
  let lastEndMs = startMs;
  const flight = createFlight();

  const begin = async (intendedMs?: number) => {
    const planned = nextCall();
    if (intendedMs !== undefined && flight.size() >= maxOutstanding) {
      tally.drop(planned);
      return;
    }
    flight.take();
    const outcome = await makeCall(connections, planned);
    lastEndMs = performance.now();
    if (intendedMs !== undefined) {
      outcome.latencyMs = lastEndMs - intendedMs;
    }
    // A run that is over has been summed up.
    if (!flight.isClosed()) {
      tally.end(planned, outcome);
      flight.land();
    }
  };
  const pace = {
    begin,
    calls: settings.calls ?? Number.POSITIVE_INFINITY,
    startMs,
    endMs: startMs + (settings.durationMs ?? Number.POSITIVE_INFINITY),
    stop,
  };
  const unwatch = watchProgress(options.onProgress, () => ({
    elapsedMs: performance.now() - startMs,
    durationMs: settings.durationMs,
    maxCalls: settings.calls,
    inFlight: flight.size(),
    ...tally.totals,
  }));
  try {
    if (rate === undefined) {
      // A caller that is not answered must not keep the run from its end.
      await Promise.race([
        runClosedLoop({ ...pace, concurrency }),
        untilEnd(settings.durationMs, stop),
      ]);
    } else {
      await runOpenLoop({ ...pace, rate });
    }
    if (!(await flight.landed(timeoutMs + overtimeMs))) {
      connections.close();
      await flight.landed(overtimeMs);
    }
  } finally {
    over.abort();
    flight.close();
    unwatch();
    connections.close();
  }
  return buildResult({
    settings,
    tally,
    startedAt,
    elapsedMs: lastEndMs - startMs,
    interrupted: options.signal?.aborted === true,
    unfinished: flight.size(),
  });
}

async function makeCall(
  connections: Connections,
  planned: PlannedCall,
): Promise<Outcome> {
  const exchange = { sent: 0, received: 0 };
  const beginMs = performance.now();
  let code: CodeName = "OK";
  let message: string | undefined;
  try {
    message = await connections.call(planned.route)(planned, exchange);
  } catch (reason) {
    code = codeNameOf(reason);
    message = reason instanceof Error ? reason.message : String(reason);
  }
  const serviceTimeMs = performance.now() - beginMs;
  return { code, ...exchange, serviceTimeMs, message };
}

/** Resolves when the time is up, if there is a limit, or the signal aborts. */
async function untilEnd(
  limitMs: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  // The longest time that a timer of Node can wait.
  await delay(limitMs ?? 2 ** 31 - 1, undefined, { signal }).catch(() => {});
}
