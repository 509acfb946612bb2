import { promisify } from "node:util";
import { brotliCompress, gzip, constants as zlibConstants } from "node:zlib";
import { type Attack, createTally, repeat } from "./attack.js";
import { grpcEnvelope, unaryPath } from "./h2-session.js";
import {
  type CallEnd,
  type CallStart,
  callHttp2,
  createSessions,
} from "./http2-client.js";

const unpackedBytes = 256 * 2 ** 20;

/**
 * Messages of some 250 KiB (gzip) and 200 bytes (Brotli) that unpack to
 * 256 MiB, far beyond the limit of 1 MiB: answered `resource_exhausted`, and
 * not unpacked beyond the limit.
 */
export const compressionBombs: Attack = {
  name: "compression-bombs",
  what: "messages that unpack to 256 MiB: gzip and Brotli in gRPC and in Connect",
  unit: "messages",
  full: { count: 2_000, holdMs: 0 },
  quick: { count: 40, holdMs: 0 },
  async run({ port }, { count }) {
    const tally = createTally();
    const bombs = await makeBombs();
    const sessions = createSessions(port);
    try {
      await repeat(count, 12, async (index) => {
        const bomb = bombs[index % bombs.length];
        if (bomb !== undefined) {
          const end = await callHttp2(sessions.take(), {
            path: unaryPath,
            ...bomb,
          });
          tally.add(`${bomb.name}: ${nameEnd(end)}`);
        }
      });
    } finally {
      sessions.destroy();
    }
    const wrong = Object.entries(tally.counts)
      .filter(([what]) => !what.endsWith(": resource_exhausted"))
      .map(([what, times]) => `${times} × ${what}`);
    return { counts: tally.counts, wrong };
  },
};

/** A call whose message is a bomb. */
interface Bomb extends Omit<CallStart, "path"> {
  readonly name: string;
}

async function makeBombs(): Promise<Bomb[]> {
  const zeros = Buffer.alloc(unpackedBytes);
  const gzipped = await promisify(gzip)(zeros, { level: 6 });
  const brotlied = await promisify(brotliCompress)(zeros, {
    params: { [zlibConstants.BROTLI_PARAM_QUALITY]: 1 },
  });
  return [
    { encoding: "gzip", packed: gzipped },
    { encoding: "br", packed: brotlied },
  ].flatMap(({ encoding, packed }): Bomb[] => [
    {
      name: `gRPC ${encoding}`,
      headers: {
        "content-type": "application/grpc+proto",
        te: "trailers",
        "grpc-encoding": encoding,
      },
      body: grpcEnvelope(packed, { compressed: true }),
    },
    {
      name: `Connect ${encoding}`,
      headers: {
        "content-type": "application/proto",
        "content-encoding": encoding,
      },
      body: packed,
    },
  ]);
}

/** How a call ended, in the words of Connect. */
function nameEnd({ status, grpcStatus, reset }: CallEnd): string {
  if (grpcStatus === 8 || status === 429) {
    return "resource_exhausted";
  }
  return reset === undefined
    ? `HTTP ${status}, grpc-status ${grpcStatus}`
    : `reset with ${reset}`;
}
