import { constants, type ServerHttp2Session } from "node:http2";
import { answerMs, type Limits, lastRequestMs } from "./limits.js";

/** The greatest id of a stream. */
const lastStreamId = 2 ** 31 - 1;

/** Decides when requests of a session are handled, and how it ends. */
export interface SessionGate {
  /** Handles a request when it is time to. */
  admit(handle: () => void): void;
  /** Lets the session end, and calls back once it takes no more streams. */
  end(ended: () => void): void;
}

/**
 * Creates the gate of a session.
 *
 * A request is handled after all of the packet that made it has been read:
 * those that are reset in the same packet have gone by then (CVE-2023-44487).
 *
 * A session ends without refusing a stream, which Node's own client, for one,
 * gives to its callers as an unexpected error: a first GOAWAY tells the client
 * to open no more, and the last follows when those have arrived that it opened
 * before it knew, a PING later (RFC 9113, 6.8). Node stops reading a session
 * that has sent GOAWAY and has no stream, so the next request is waited for,
 * and held meanwhile; a session in which none comes is ended by one GOAWAY.
 */
export function createSessionGate(
  session: ServerHttp2Session,
  limits: Pick<Limits, "shutdownGraceMs">,
): SessionGate {
  let phase: "open" | "waiting" | "announced" | "ended" = "open";
  let timer: NodeJS.Timeout | undefined;
  let onEnded: (() => void) | undefined;
  const held: (() => void)[] = [];

  const finishAfter = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(finish, Math.min(ms, limits.shutdownGraceMs));
  };
  function finish() {
    if (phase === "ended") {
      return;
    }
    phase = "ended";
    clearTimeout(timer);
    if (!session.destroyed) {
      session.close();
      onEnded?.();
    }
    for (const handle of held.splice(0)) {
      handle();
    }
  }
  session.on("stream", () => {
    if (phase === "waiting") {
      phase = "announced";
      session.goaway(constants.NGHTTP2_NO_ERROR, lastStreamId);
      session.ping(finish);
      finishAfter(answerMs);
    }
  });
  session.once("close", () => clearTimeout(timer));
  return {
    admit(handle) {
      if (phase === "announced") {
        held.push(handle);
      } else {
        // Node empties the queues of microtasks and ticks after each frame, so
        // this is the first moment after all of the packet.
        setImmediate(handle);
      }
    },
    end(ended) {
      if (phase === "open") {
        phase = "waiting";
        onEnded = ended;
        finishAfter(lastRequestMs);
      }
    },
  };
}
