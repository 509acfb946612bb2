import { type Attack, createTally, repeat } from "./attack.js";
import { openH2 } from "./h2-session.js";
import { http1Statuses } from "./http1-answers.js";

const timeoutMs = 5_000;

/** Node closes idle HTTP/1.1 connections up to a second late. */
const cutMs = timeoutMs + 2_000;

/**
 * Connections that were of use once and then stay. They are closed in the end,
 * and until then cost memory alone.
 */
export const idleConnections: Attack = {
  name: "idle-connections",
  what: `connections that stay idle, half after a request over HTTP/1.1, half with an HTTP/2 session; a timeout of ${timeoutMs / 1_000} s`,
  unit: "connections",
  env: { IDLE_TIMEOUT_MS: String(timeoutMs) },
  full: { count: 1_000, holdMs: 10_000 },
  quick: { count: 100, holdMs: 500 },
  async run(target, { count, holdMs }) {
    const tally = createTally();
    await repeat(count, count, async (index) => {
      const overHttp2 = index % 2 === 1;
      const connection = overHttp2
        ? await openH2(target)
        : await target.connect();
      if (!overHttp2) {
        await connection.write(
          "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n",
        );
        await connection.until(
          () => http1Statuses(connection.received()).length > 0,
          5_000,
        );
      }
      await connection.until(() => false, holdMs);
      const version = overHttp2 ? "HTTP/2" : "HTTP/1.1";
      tally.add(`${version}: ${connection.isClosed() ? "closed" : "held"}`);
      connection.leave();
    });
    const wrong =
      holdMs <= cutMs
        ? []
        : Object.entries(tally.counts)
            .filter(([what]) => what.includes("held"))
            .map(([what, times]) => `${times} × ${what}`);
    return { counts: tally.counts, wrong };
  },
};
