import { type Attack, createTally, repeat } from "./attack.js";
import { dataFrame, frameTypes, headersFrame } from "./h2-frames.js";
import {
  grpcEnvelope,
  grpcHeaders,
  hasFrame,
  openH2,
  unaryPath,
} from "./h2-session.js";
import { http1Statuses } from "./http1-answers.js";
import { drip } from "./raw-connection.js";

const timeoutMs = 2_000;
const endMs = timeoutMs + 1_500;

/**
 * Slowloris on bodies: messages that arrive a byte at a time. The request
 * timeout ends those over HTTP/1.1. Streams of HTTP/2 may rightly stay open for
 * days: they are held, each counts as a call in flight, and goes with its
 * connection.
 */
export const slowBodies: Attack = {
  name: "slow-bodies",
  what: `calls whose message comes a byte at a time, half over HTTP/1.1 and half over HTTP/2; a timeout of ${timeoutMs / 1_000} s`,
  unit: "connections",
  env: { REQUEST_TIMEOUT_MS: String(timeoutMs) },
  full: { count: 800, holdMs: 8_000 },
  quick: { count: 40, holdMs: 4_500 },
  async run(target, { count, holdMs }) {
    const tally = createTally();
    await repeat(count, count, async (index) => {
      const overHttp2 = index % 2 === 1;
      const connection = overHttp2
        ? await openH2(target)
        : await target.connect();
      const ended = () =>
        overHttp2 &&
        (hasFrame(connection, frameTypes.rstStream, 1) ||
          hasFrame(connection, frameTypes.headers, 1));
      try {
        const start = performance.now();
        if (overHttp2) {
          await connection.write(
            Buffer.concat([
              headersFrame(1, grpcHeaders(unaryPath)),
              dataFrame(1, grpcEnvelope(Buffer.alloc(0), { length: 100_000 })),
            ]),
          );
          await drip(
            connection,
            () => (ended() ? "" : dataFrame(1, Buffer.from([0]))),
            { everyMs: 300, forMs: holdMs },
          );
        } else {
          await connection.write(
            `POST ${unaryPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n`,
          );
          await drip(connection, () => " ", { everyMs: 300, forMs: holdMs });
        }
        const ms = performance.now() - start;
        const [status] = http1Statuses(connection.received());
        tally.add(
          overHttp2
            ? `HTTP/2: ${ended() ? "ended" : connection.isClosed() ? "cut" : "held"}`
            : `HTTP/1.1: ${!connection.isClosed() ? "held" : ms > endMs ? "ended late" : `answered ${status ?? "nothing"} and closed`}`,
        );
      } finally {
        connection.leave();
      }
    });
    const wrong = Object.entries(tally.counts)
      .filter(([what]) => /1\.1: (held|ended late)/.test(what))
      .map(([what, times]) => `${times} × ${what}`);
    return { counts: tally.counts, wrong };
  },
};
