import type { Random } from "../random.js";
import { type Attack, createTally, repeat, type Target } from "./attack.js";
import { h2Preface, settingsFrame } from "./h2-frames.js";
import { http1Statuses } from "./http1-answers.js";

/** How long an answer to a first packet is waited for. */
const answerMs = 15;

/** First packets that are not what they should be, in one to three pieces. */
export const garbagePrefaces: Attack = {
  name: "garbage-prefaces",
  what: "connections whose first packets are random, broken, cut short or of another protocol",
  unit: "first packets",
  full: { count: 100_000, holdMs: 0 },
  quick: { count: 500, holdMs: 0 },
  async run(target, { count }, random) {
    const tally = createTally();
    await repeat(count, 48, async () => {
      tally.add(await sayGarbage(target, random));
    });
    const wrong = Object.entries(tally.counts)
      .filter(([what]) => /^answered 5/.test(what))
      .map(([what, times]) => `${times} × ${what}`);
    return { counts: tally.counts, wrong };
  },
};

async function sayGarbage(target: Target, random: Random): Promise<string> {
  const connection = await target.connect();
  try {
    const packet = random.pick(generators)(random);
    for (const piece of split(packet, random)) {
      await connection.write(piece);
    }
    await connection.until(() => connection.received().length > 0, answerMs);
    const received = connection.received();
    const [status] = http1Statuses(received);
    if (status !== undefined) {
      return `answered ${status}`;
    }
    if (received.length > 0) {
      return "answered in HTTP/2";
    }
    return connection.isClosed() ? "cut" : "waited for more";
  } finally {
    connection.leave();
  }
}

const request = Buffer.from(
  "GET /healthz HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\n\r\n",
);
const h2Start = Buffer.concat([h2Preface, settingsFrame]);
const clientHello = Buffer.from(
  "16030100c8010000c40303d1f1c3a4b5968778695a4b3c2d1e0f00112233445566778899aabbccddeeff00",
  "hex",
);

/** Ways to make a first packet. */
const generators: readonly ((random: Random) => Buffer)[] = [
  (random) => randomBytes(random, 64),
  (random) => h2Start.subarray(0, whole(random, h2Start.length)),
  (random) => flipBits(h2Start, random),
  (random) =>
    Buffer.concat([
      h2Preface.subarray(0, 1 + whole(random, h2Preface.length)),
      randomBytes(random, 64),
    ]),
  (random) => Buffer.concat([h2Start, randomBytes(random, 128)]),
  (random) => request.subarray(0, whole(random, request.length)),
  (random) => flipBits(request, random),
  (random) => Buffer.concat([request, randomBytes(random, 64)]),
  () => clientHello,
  (random) => Buffer.alloc(1 + whole(random, 64)),
];

/** A whole number from 0 up to, but not including, the limit. */
function whole(random: Random, limit: number): number {
  return Math.floor(random.fraction() * limit);
}

function randomBytes(random: Random, most: number): Buffer {
  const length = 1 + whole(random, most);
  return Buffer.from(Array.from({ length }, () => whole(random, 256)));
}

function flipBits(bytes: Buffer, random: Random): Buffer {
  const flipped = Buffer.from(bytes);
  for (let times = 1 + whole(random, 4); times > 0; times--) {
    const at = whole(random, flipped.length);
    flipped[at] = Number(flipped[at]) ^ (1 << whole(random, 8));
  }
  return flipped;
}

/** Cuts a packet into one to three. */
function split(packet: Buffer, random: Random): Buffer[] {
  const cuts = [whole(random, packet.length), whole(random, packet.length)]
    .sort((a, b) => a - b)
    .slice(whole(random, 3));
  const ends = [...cuts, packet.length];
  return ends
    .map((end, index) => packet.subarray(ends[index - 1] ?? 0, end))
    .filter((piece) => piece.length > 0);
}
