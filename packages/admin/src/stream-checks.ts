import { ConnectError } from "@connectrpc/connect";
import type { Authenticate } from "./authenticate.js";
import type { Caller } from "./caller.js";
import type { OriginRequest } from "./request-origin.js";

/** An open stream. */
export interface CheckedStream {
  /** What it came with. */
  readonly request: OriginRequest;
  /** Throws if its caller may not have it, or no longer. */
  allow(caller: Caller): void;
  /** Ends it, once, for a caller that may not have it any longer. */
  end(refusal: ConnectError): void;
}

/** Looks up again and again who the callers of open streams are. */
export interface StreamChecks {
  /** Checks a stream from now on, until the function is called. */
  add(stream: CheckedStream): () => void;
}

/** How to check. */
export interface StreamChecksOptions {
  readonly authenticate: Authenticate;
  /** The pause from the end of one round of checks to the next. */
  readonly everyMs: number;
}

/**
 * Creates the checks of a process. All streams that came with the same cookie
 * or token cost one look-up a round, and callers are looked up one after
 * another: however many pages are open, other calls get their turn at the
 * database.
 */
export function createStreamChecks(options: StreamChecksOptions): StreamChecks {
  const { authenticate, everyMs } = options;
  const streams = new Set<CheckedStream>();
  let isPlanned = false;

  function plan(): void {
    if (!isPlanned && streams.size > 0) {
      isPlanned = true;
      setTimeout(() => void checkAll(), everyMs).unref();
    }
  }

  async function checkAll(): Promise<void> {
    for (const alike of groupByCredentials(streams)) {
      await checkAlike(alike);
    }
    isPlanned = false;
    plan();
  }

  async function checkAlike(alike: readonly CheckedStream[]): Promise<void> {
    const [one] = alike;
    if (one === undefined) {
      return;
    }
    const found = await authenticate(one.request).catch(asRefusal);
    for (const stream of alike) {
      const refusal =
        found instanceof ConnectError ? found : refusalOf(stream, found);
      if (refusal !== undefined && streams.delete(stream)) {
        stream.end(refusal);
      }
    }
  }

  return {
    add(stream) {
      streams.add(stream);
      plan();
      return () => streams.delete(stream);
    },
  };
}

function groupByCredentials(
  streams: Iterable<CheckedStream>,
): CheckedStream[][] {
  const groups = new Map<string, CheckedStream[]>();
  for (const stream of streams) {
    const { url, header } = stream.request;
    // All that a caller is told by.
    const key = JSON.stringify([
      header.get("authorization"),
      header.get("cookie"),
      header.get("origin"),
      new URL(url).protocol,
    ]);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [stream]);
    } else {
      group.push(stream);
    }
  }
  return [...groups.values()];
}

/** A database that is away says nothing of the caller. */
function asRefusal(error: unknown): ConnectError | undefined {
  return error instanceof ConnectError ? error : undefined;
}

function refusalOf(
  stream: CheckedStream,
  caller: Caller | undefined,
): ConnectError | undefined {
  try {
    if (caller !== undefined) {
      stream.allow(caller);
    }
    return undefined;
  } catch (error) {
    return ConnectError.from(error);
  }
}
