import { setTimeout as delay } from "node:timers/promises";
import { type Attack, createTally, repeat } from "./attack.js";
import { frameTypes, h2Preface, settingsFrame } from "./h2-frames.js";
import { hasFrame } from "./h2-session.js";
import type { RawConnection } from "./raw-connection.js";

/** `prefaceTimeoutMs` of the one port, and a second to spare. */
const cutMs = 11_000;

/**
 * Prefaces that stop, or come byte by byte. Those that are whole in the end
 * are answered, and the others are cut when their time is up.
 */
export const slowPrefaces: Attack = {
  name: "slow-prefaces",
  what: "connections that stop inside the preface or before SETTINGS, or send them byte by byte",
  unit: "connections",
  full: { count: 600, holdMs: 12_000 },
  quick: { count: 60, holdMs: 500 },
  async run(target, { count, holdMs }) {
    const tally = createTally();
    const wrong: string[] = [];
    const start = performance.now();
    await repeat(count, count, async (index) => {
      const connection = await target.connect();
      try {
        if (index % 3 === 2) {
          const answered = await sayByteByByte(connection);
          tally.add(answered ? "answered when whole" : "whole, not answered");
        } else {
          await connection.write(
            index % 3 === 0 ? h2Preface.subarray(0, 3) : h2Preface,
          );
          await connection.until(() => false, holdMs);
          const ms = performance.now() - start;
          tally.add(
            !connection.isClosed()
              ? "held"
              : ms < cutMs
                ? "cut in time"
                : "cut late",
          );
        }
      } finally {
        connection.leave();
      }
    });
    if (holdMs > cutMs && tally.counts.held !== undefined) {
      wrong.push(`${tally.counts.held} connections were held`);
    }
    if (tally.counts["cut late"] !== undefined) {
      wrong.push(`${tally.counts["cut late"]} connections were cut late`);
    }
    if (tally.counts["whole, not answered"] !== undefined) {
      wrong.push("a preface that came byte by byte was not answered");
    }
    return { counts: tally.counts, wrong };
  },
};

async function sayByteByByte(connection: RawConnection): Promise<boolean> {
  for (const byte of Buffer.concat([h2Preface, settingsFrame])) {
    await connection.write(Buffer.from([byte]));
    await delay(2);
  }
  return await connection.until(
    () => hasFrame(connection, frameTypes.settings),
    5_000,
  );
}
