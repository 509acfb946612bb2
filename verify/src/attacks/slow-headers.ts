import { type Attack, createTally, repeat } from "./attack.js";
import { frameTypes, writeFrame } from "./h2-frames.js";
import { grpcHeaders, openH2, unaryPath } from "./h2-session.js";
import { http1Statuses } from "./http1-answers.js";
import { drip } from "./raw-connection.js";

const timeoutMs = 2_000;

/** Node looks for overdue requests once in a part of a second. */
const cutMs = timeoutMs + 1_500;

/**
 * Slowloris: headers that go on for ever, over HTTP/1.1 a few bytes at a time,
 * over HTTP/2 as a header block that does not end.
 */
export const slowHeaders: Attack = {
  name: "slow-headers",
  what: `headers that never end, half over HTTP/1.1 and half over HTTP/2; timeouts of ${timeoutMs / 1_000} s`,
  unit: "connections",
  env: {
    REQUEST_TIMEOUT_MS: String(timeoutMs),
    IDLE_TIMEOUT_MS: String(timeoutMs),
    // The time that a client has to close its end of an idle session.
    SHUTDOWN_GRACE_MS: "500",
  },
  full: { count: 500, holdMs: 6_000 },
  quick: { count: 40, holdMs: 4_500 },
  async run(target, { count, holdMs }) {
    const tally = createTally();
    await repeat(count, count, async (index) => {
      const overHttp2 = index % 2 === 1;
      const version = overHttp2 ? "HTTP/2" : "HTTP/1.1";
      const connection = overHttp2
        ? await openH2(target)
        : await target.connect();
      try {
        const start = performance.now();
        if (overHttp2) {
          const block = grpcHeaders(unaryPath).subarray(0, 20);
          await connection.write(writeFrame(frameTypes.headers, 0, 1, block));
          // Half of these go on with CONTINUATION frames, the others stop.
          await drip(
            connection,
            () =>
              index % 4 === 1
                ? writeFrame(frameTypes.continuation, 0, 1, Buffer.from([0]))
                : "",
            { everyMs: 300, forMs: holdMs },
          );
        } else {
          await connection.write(
            "GET /healthz HTTP/1.1\r\nhost: localhost\r\n",
          );
          await drip(connection, () => "x: y\r\n", {
            everyMs: 300,
            forMs: holdMs,
          });
        }
        const ms = performance.now() - start;
        const [status] = http1Statuses(connection.received());
        const how =
          status === undefined ? "cut" : `answered ${status} and closed`;
        tally.add(
          `${version}: ${!connection.isClosed() ? "held" : ms > cutMs ? "cut late" : how}`,
        );
      } finally {
        connection.leave();
      }
    });
    const wrong = Object.entries(tally.counts)
      .filter(([what]) => /held|late/.test(what))
      .map(([what, times]) => `${times} × ${what}`);
    return { counts: tally.counts, wrong };
  },
};
