import { constants, type ServerHttp2Session } from "node:http2";

/**
 * How many streams of a session may be reset. nghttp2 has the same limit, at
 * 1,000 and 33 a second, but Node does not learn that it ends the session
 * then: the connection would stay, deaf even to its end, until it counts as
 * idle.
 */
const burst = 900;
const perSecond = 30;

/**
 * Ends a session with ENHANCE_YOUR_CALM when too many of its streams are
 * reset, by the client, or because of what it sent.
 */
export function limitResets(session: ServerHttp2Session): void {
  let allowed = burst;
  let since = performance.now();
  session.on("stream", (stream) => {
    stream.once("close", () => {
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR) {
        return;
      }
      const now = performance.now();
      const regained = ((now - since) / 1_000) * perSecond;
      allowed = Math.min(burst, allowed + regained) - 1;
      since = now;
      if (allowed < 0 && !session.destroyed) {
        session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
        session.destroy();
      }
    });
  });
}
