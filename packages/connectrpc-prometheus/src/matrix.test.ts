import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { waitFor } from "@both-ends/testing";
import { Code, ConnectError } from "@connectrpc/connect";
import { answers } from "./matrix-answers.test.js";
import { type Kind, kinds, sendsMany } from "./matrix-calls.test.js";
import { checkBothSides } from "./matrix-check.test.js";
import { deadlines } from "./matrix-deadlines.test.js";
import { departures } from "./matrix-departures.test.js";
import { disconnects } from "./matrix-disconnects.test.js";
import { answering, type End, read } from "./matrix-end.test.js";
import { carrierOf, links } from "./matrix-link.test.js";
import { refusals } from "./matrix-refusals.test.js";
import {
  type Cell,
  createScene,
  modes,
  type Scene,
} from "./matrix-scene.test.js";
import { shutdowns } from "./matrix-shutdowns.test.js";

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");
let collectedAt = 0;

/** Not more often: each collection puts off what V8 finalizes after it. */
function collectGarbage(): void {
  if (performance.now() > collectedAt + 250) {
    gc();
    collectedAt = performance.now();
  }
}

const ends = [
  ...answers,
  ...refusals,
  ...departures,
  ...deadlines,
  ...disconnects,
  ...shutdowns,
];
/** The cells that are left out, by reason and end. */
const leftOut = new Map<string, Map<string, string[]>>();
let run = 0;

for (const link of links) {
  suite(
    `createClientMetrics() and createServerMetrics() over ${link}`,
    { concurrency: 4 },
    () => {
      for (const end of ends) {
        // The keys of an object literal are the types of calls.
        for (const kind of Object.keys(kinds) as Kind[]) {
          for (const mode of modes) {
            const cell = { link, kind, mode };
            const reason = reasonToLeaveOut(cell, end);
            if (reason !== false) {
              noteLeftOut(cell, end, reason);
              continue;
            }
            run++;
            test(
              `count ${end.name}: ${kind}, ${mode}`,
              { timeout: 120_000 },
              () => runCell(cell, end),
            );
          }
        }
      }
    },
  );
}

test("every cell is run, or left out for a reason", (t) => {
  const left = [...leftOut.values()].flatMap((ofEnds) => [...ofEnds.values()]);
  const count = left.flat().length;
  t.diagnostic(`${run} cells run, ${count} left out`);
  for (const [reason, ofEnds] of leftOut) {
    t.diagnostic(`left out: ${reason}`);
    for (const [end, cells] of ofEnds) {
      t.diagnostic(`  ${end}: ${cells.join("; ")}`);
    }
  }
  const { length } = links.flatMap(() => Object.keys(kinds));
  assert.equal(run + count, ends.length * length * modes.length);
});

function reasonToLeaveOut(cell: Cell, end: End): string | false {
  const carrier = carrierOf(cell.link);
  if (carrier === "fetch" && sendsMany(cell.kind)) {
    return "fetch cannot stream requests";
  }
  const half = cell.kind === "bidi_streaming" && carrier === "HTTP/1.1";
  if (half && !end.halfDuplex) {
    return "connect-es refuses bidi streams over HTTP/1.1";
  }
  return end.leftOut?.(cell) ?? false;
}

function noteLeftOut(
  { link, kind, mode }: Cell,
  { name }: End,
  reason: string,
): void {
  const ofEnds = leftOut.get(reason) ?? new Map<string, string[]>();
  leftOut.set(reason, ofEnds);
  const cells = ofEnds.get(name) ?? [];
  ofEnds.set(name, [...cells, `${link}, ${kind}, ${mode}`]);
}

async function runCell(cell: Cell, end: End): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runCellOnce(cell, end);
    } catch (error) {
      // A busy machine may spend a deadline before the handler begins. And the
      // fetch of Node 20 and 22 ignores an abort when garbage was collected since
      // its caller left.
      if (end.timely !== true || attempt === 3) {
        throw error;
      }
    }
  }
}

async function runCellOnce(cell: Cell, end: End): Promise<void> {
  const handle = end.handle ?? ((scene: Scene) => answering(scene));
  const scene = await createScene(cell, handle, end);
  const expected = end.expected(cell);
  try {
    const caught = await outcome((end.drive ?? read)(scene));
    if (expected.client === "any") {
      assert.ok(caught in Code, caught);
    } else {
      assert.equal(caught, expected.caller ?? expected.client);
    }
    const check = () => checkBothSides(scene, caught, expected);
    await waitFor(
      "the end of the call on both ends",
      () => {
        if (end.collected) {
          collectGarbage();
        }
        return check();
      },
      { intervalMs: end.collected ? 50 : 2, timeoutMs: 10_000 },
    );
    await scene.close();
    await waitFor("nothing more to be counted", () =>
      checkBothSides(scene, caught, {
        ...expected,
        server: expected.afterwards ?? expected.server,
      }),
    );
  } finally {
    await scene.close();
  }
}

async function outcome(driven: Promise<void>): Promise<string> {
  // The timer holds the event loop, too: an idle HTTP/2 session does not.
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, 10_000, "no end within 10 s");
  });
  const ended = driven.then(
    () => "OK",
    (error) => Code[ConnectError.from(error).code],
  );
  try {
    return await Promise.race([ended, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
