import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** What the thread of a well-behaved client is told. */
export interface GoodClientData {
  readonly port: number;
  /** The authority of the server's certificate. By default, cleartext. */
  readonly ca?: string | undefined;
}

/** What the thread is told later. */
export type GoodClientMessage = "measure" | "stop";

/** What a well-behaved client met. */
export interface GoodCalls {
  /** How long each call took, whatever it came to. */
  readonly latenciesMs: readonly number[];
  /** Failed calls by their error. */
  readonly failures: Readonly<Record<string, number>>;
}

/** A client that behaves well, and is served as long as the server lives. */
export interface GoodClient {
  /** Forgets the latencies so far: those of programs that are still cold. */
  measure(): void;
  /** Lets it finish its call, and tells what it met. */
  stop(): Promise<GoodCalls>;
}

/**
 * Starts a client in a thread of its own, so that what this thread does is not
 * in its latencies. It calls one after the other: gRPC over one kept
 * connection, and every tenth time over a new one a Connect GET or the
 * metrics.
 */
export function startGoodClient(data: GoodClientData): GoodClient {
  const worker = new Worker(
    new URL("good-client-worker.js", import.meta.url),
    // Flags of this process, such as --test, are not for it.
    { workerData: data, execArgv: [] },
  );
  const told = once(worker, "message");
  // Heard of by stop().
  told.catch(() => {});
  const exited = once(worker, "exit");
  exited.catch(() => {});
  const tell = (message: GoodClientMessage) => worker.postMessage(message);
  return {
    measure: () => tell("measure"),
    async stop() {
      tell("stop");
      // The thread posts this type.
      const [calls] = (await told) as [GoodCalls];
      await exited;
      return calls;
    },
  };
}
