import { constants, type ServerHttp2Session } from "node:http2";
import type { Limits } from "./limits.js";

/** How long a client has to answer a PING. */
const answerMs = 500;

/** The greatest id of a stream. */
const lastStreamId = 2 ** 31 - 1;

/**
 * Tells a client to open no more streams, and calls back when those are there
 * that it has opened before it knew: a round trip later, or after half a second
 * without an answer. A GOAWAY that ends the session at once would refuse them,
 * and Node's own client, for one, gives that to its callers as an unexpected
 * error (RFC 9113, 6.8).
 */
export function announceEnd(
  session: ServerHttp2Session,
  limits: Pick<Limits, "shutdownGraceMs">,
  then: () => void,
): void {
  if (session.destroyed) {
    return;
  }
  let answered = false;
  const finish = () => {
    clearTimeout(timer);
    if (!answered && !session.destroyed) {
      then();
    }
    answered = true;
  };
  const timer = setTimeout(finish, Math.min(answerMs, limits.shutdownGraceMs));
  session.goaway(constants.NGHTTP2_NO_ERROR, lastStreamId);
  session.ping(finish);
}
