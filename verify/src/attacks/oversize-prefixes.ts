import { type Attack, createTally, repeat } from "./attack.js";
import { grpcEnvelope, streamPath, unaryPath } from "./h2-session.js";
import { type CallEnd, callHttp2, createSessions } from "./http2-client.js";

const lengths = [0xffff_ffff, 0x8000_0000, 0x7fff_ffff, 2 ** 20 + 1];

const kinds = [
  { type: "application/grpc+proto", path: unaryPath },
  { type: "application/grpc+proto", path: streamPath },
  { type: "application/grpc-web+proto", path: unaryPath },
  { type: "application/grpc-web+proto", path: streamPath },
  { type: "application/connect+proto", path: streamPath },
];

/**
 * Envelopes that promise up to 4 GiB and hold five bytes, in requests that do
 * not end: answered `resource_exhausted` by the promise alone.
 */
export const oversizePrefixes: Attack = {
  name: "oversize-prefixes",
  what: "messages whose prefix promises 1 MiB and a byte to 4 GiB, in requests that do not end",
  unit: "messages",
  full: { count: 8_000, holdMs: 0 },
  quick: { count: 100, holdMs: 0 },
  async run({ port }, { count }) {
    const tally = createTally();
    const sessions = createSessions(port);
    try {
      await repeat(count, 64, async (index) => {
        const kind = kinds[index % kinds.length];
        const length = lengths[index % lengths.length];
        if (kind === undefined) {
          return;
        }
        const end = await callHttp2(sessions.take(), {
          path: kind.path,
          headers: { "content-type": kind.type, te: "trailers" },
          body: grpcEnvelope(Buffer.from("12345"), { length }),
          end: false,
        });
        const [, protocol] = /application\/([a-z-]+)/.exec(kind.type) ?? [];
        tally.add(
          `${protocol}: ${isExhausted(end) ? "resource_exhausted" : tell(end)}`,
        );
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

/** gRPC says it in trailers, gRPC-Web and Connect streams in the last message. */
function isExhausted({ grpcStatus, body }: CallEnd): boolean {
  return (
    grpcStatus === 8 ||
    /grpc-status: 8|"code":"resource_exhausted"/.test(body.toString("latin1"))
  );
}

function tell({ status, grpcStatus, reset, body }: CallEnd): string {
  return `HTTP ${status}, grpc-status ${grpcStatus}, reset ${reset}, ${body.length} bytes`;
}
