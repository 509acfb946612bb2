import { type Attack, createTally, repeat } from "./attack.js";

/** `prefaceTimeoutMs` of the one port, and a second to spare. */
const cutMs = 11_000;

/** Connections that never say a word. */
export const silentConnections: Attack = {
  name: "silent-connections",
  what: "connections that never say anything",
  unit: "connections",
  full: { count: 1_000, holdMs: 12_000 },
  quick: { count: 100, holdMs: 500 },
  run: async (target, { count, holdMs }) => {
    const tally = createTally();
    await repeat(count, count, async () => {
      const connection = await target.connect();
      await connection.until(() => false, holdMs);
      tally.add(connection.isClosed() ? "cut" : "held");
      connection.leave();
    });
    const { held } = tally.counts;
    const wrong =
      holdMs > cutMs && held !== undefined
        ? [`${held} connections were held`]
        : [];
    return { counts: tally.counts, wrong };
  },
};
