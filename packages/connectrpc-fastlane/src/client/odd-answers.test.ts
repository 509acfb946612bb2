import type { OutgoingHttpHeaders } from "node:http2";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { RevertNameResponseSchema } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { create, toBinary, toJsonString } from "@bufbuild/protobuf";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import type { Step } from "./odd-server.test.js";
import type { Random } from "./random.test.js";

/** How a client speaks to the odd server. */
export interface Speech {
  readonly protocol: "grpc" | "connect";
  readonly binary: boolean;
}

/** An answer, and whether it ends the session with all that is on it. */
export interface OddAnswer {
  readonly steps: Step[];
  readonly endsSession: boolean;
  /** No end comes: the call must have one of its own. */
  readonly hangs: boolean;
}

/** A message that is larger than the clients take. */
export const readMaxBytes = 1_000;

/** Makes an answer that is valid, odd or broken. */
export function makeOddAnswer(random: Random, speech: Speech): OddAnswer {
  const headersOnly = random.chance(0.08);
  const fields =
    speech.protocol === "grpc"
      ? grpcFields(random, speech, headersOnly)
      : connectFields(random, speech);
  const bodies =
    speech.protocol === "grpc"
      ? grpcBody(random, speech, String(fields["grpc-encoding"] ?? ""))
      : connectBody(random, speech, fields);
  const steps: Step[] = [];
  const end = makeEnd(random, speech);
  const endAt = random.pick([0, 1, 2, 3]);
  if (random.chance(0.05)) {
    steps.push({ do: "inform" });
  }
  if (end.abrupt && endAt === 0) {
    return { ...end, steps: [...steps, ...end.steps] };
  }
  steps.push({ do: "respond", fields });
  if (headersOnly) {
    // Not by `endStream`, with which servers of Node 20 corrupt their memory
    // after some thousand odd answers, whoever the client is.
    steps.push({ do: "end" });
    return { steps, endsSession: false, hangs: false };
  }
  if (end.abrupt && endAt === 1) {
    // Apart, so that what the client sees does not hang on how packets fall.
    return { ...end, steps: [...steps, { do: "wait", ms: 5 }, ...end.steps] };
  }
  for (const bytes of cut(random, bodies)) {
    steps.push({ do: "write", bytes });
    if (random.chance(0.1)) {
      steps.push({ do: "wait", ms: random.pick([0, 1, 3]) });
    }
  }
  if (end.abrupt) {
    steps.push({ do: "wait", ms: 5 });
  }
  return { ...end, steps: [...steps, ...end.steps] };
}

function makeEnd(random: Random, { protocol }: Speech) {
  if (random.chance(0.8)) {
    const steps: Step[] =
      protocol === "connect" || random.chance(0.05)
        ? [{ do: "end" }]
        : [{ do: "trailers", fields: trailers(random) }];
    const goaway = random.chance(0.03);
    if (goaway) {
      steps.unshift({ do: "goaway", code: 0 });
    }
    return { steps, endsSession: goaway, hangs: false, abrupt: false };
  }
  // Not NO_ERROR, after which connect-es waits for ever.
  const code = random.pick([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  const step: Step = random.pick<Step>([
    { do: "reset", code },
    { do: "reset", code },
    { do: "reset", code },
    { do: "goaway", code },
    { do: "destroy session" },
    { do: "destroy socket" },
    { do: "wait", ms: 0 },
  ]);
  return {
    steps: [step],
    endsSession: step.do !== "reset" && step.do !== "wait",
    hangs: step.do === "wait",
    abrupt: true,
  };
}

function grpcFields(
  random: Random,
  { binary }: Speech,
  headersOnly: boolean,
): OutgoingHttpHeaders {
  const type = binary ? "application/grpc+proto" : "application/grpc+json";
  const encoding = random.often<string | undefined>(0.8, undefined, [
    "identity",
    "Identity",
    "gzip",
    "br",
    "GZIP",
    "snappy",
  ]);
  return {
    ...commonFields(random),
    ...contentType(random, type, ["application/grpc", "application/grpc+json"]),
    ...(encoding === undefined ? {} : { "grpc-encoding": encoding }),
    ...(random.chance(headersOnly ? 0.9 : 0.05) ? grpcStatus(random) : {}),
  };
}

function connectFields(
  random: Random,
  { binary }: Speech,
): OutgoingHttpHeaders {
  const type = binary ? "application/proto" : "application/json";
  const encoding = random.often<string | undefined>(0.8, undefined, [
    "identity",
    "gzip",
    "br",
    "snappy",
  ]);
  return {
    ...commonFields(random),
    ...contentType(random, type, [
      "application/json",
      "application/json; charset=utf-8",
      "application/connect+proto",
    ]),
    ...(encoding === undefined ? {} : { "content-encoding": encoding }),
    ...(random.chance(0.2) ? { "trailer-x-end": "a, b" } : {}),
    ...(random.chance(0.1) ? { "Trailer-X-Bin": ["AQI", "AwQ"] } : {}),
  };
}

function commonFields(random: Random): OutgoingHttpHeaders {
  return {
    ":status": random.often(
      0.85,
      200,
      [204, 302, 400, 401, 403, 404, 409, 429, 499, 500, 502, 503, 504],
    ),
    ...(random.chance(0.2) ? { "x-one": "1" } : {}),
    ...(random.chance(0.1) ? { "x-two": ["a", "b"] } : {}),
    ...(random.chance(0.1) ? { "set-cookie": ["a=1", "b=2"] } : {}),
  };
}

function contentType(random: Random, type: string, others: string[]) {
  const chosen = random.often<string | undefined>(0.9, type, [
    ...others,
    "text/html",
    "application/grpc-web+proto",
    type.toUpperCase(),
    undefined,
  ]);
  return chosen === undefined ? {} : { "content-type": chosen };
}

function grpcStatus(random: Random): OutgoingHttpHeaders {
  const status = random.often(0.5, "0", [
    "1",
    "3",
    "5",
    "8",
    "13",
    "14",
    "16",
    "17",
    "99",
    "-1",
    "x",
    "",
    "00",
  ]);
  const details = random.often<string | undefined>(0.85, undefined, [
    // Code 3 with a message and an Any; code 0; no protobuf; no base64.
    "CAMSA2hleRoMCgR0LmNvL2EuQhIBeA",
    "CAA",
    "////",
    "***",
  ]);
  return {
    "grpc-status": random.chance(0.05) ? [status, status] : status,
    ...(random.chance(0.4)
      ? {
          "grpc-message": random.pick([
            "oh%20no",
            "plain",
            "%zz",
            "",
            "%E2%82%AC",
          ]),
        }
      : {}),
    ...(details === undefined ? {} : { "grpc-status-details-bin": details }),
  };
}

function trailers(random: Random): OutgoingHttpHeaders {
  return {
    ...(random.chance(0.95) ? grpcStatus(random) : {}),
    ...(random.chance(0.2) ? { "x-end": ["1", "2"] } : {}),
    ...(random.chance(0.05) ? { "set-cookie": ["c=1", "d=2"] } : {}),
  };
}

function grpcBody(
  random: Random,
  speech: Speech,
  encoding: string,
): Uint8Array {
  const count = random.often(0.85, 1, [0, 0, 2, 3]);
  const envelopes = Array.from({ length: count }, () => {
    const flags = random.often(0.8, 0, [1, 1, 2, 128, 129]);
    const message = messageBytes(random, speech);
    const compressed = (flags & 1) === 1 && random.chance(0.8);
    return encodeEnvelope(
      flags,
      compressed ? new Uint8Array(compress(encoding, message)) : message,
    );
  });
  return spoil(random, Buffer.concat(envelopes));
}

function connectBody(
  random: Random,
  speech: Speech,
  fields: OutgoingHttpHeaders,
): Uint8Array {
  const json = String(fields["content-type"]).includes("json");
  const message =
    fields[":status"] !== 200 && json && random.chance(0.8)
      ? errorBytes(random)
      : messageBytes(random, speech);
  const encoding = String(fields["content-encoding"] ?? "");
  return random.chance(0.9) ? compress(encoding, message) : message;
}

function compress(encoding: string, bytes: Uint8Array): Uint8Array {
  switch (encoding) {
    case "gzip":
      return gzipSync(bytes);
    case "br":
      return brotliCompressSync(bytes);
    default:
      return bytes;
  }
}

function messageBytes(
  random: Random,
  { binary }: Speech,
): Uint8Array<ArrayBuffer> {
  const reversedName = random.often(0.8, "ogirdoR", [
    "",
    "é👍",
    "x".repeat(2_000),
  ]);
  const message = create(RevertNameResponseSchema, { reversedName });
  const bytes = binary
    ? toBinary(RevertNameResponseSchema, message)
    : new TextEncoder().encode(toJsonString(RevertNameResponseSchema, message));
  return random.often(0.9, bytes, [new Uint8Array([0xff, 0xff, 1])]);
}

function errorBytes(random: Random): Uint8Array<ArrayBuffer> {
  const text = random.pick([
    '{"code":"not_found","message":"gone"}',
    '{"code":"unavailable","message":"gone","details":[{"type":"a.B","value":"AQI","debug":{"x":1}}]}',
    '{"code":"odd","message":"gone"}',
    '{"message":3}',
    '{"code":"internal","details":[{"type":3}]}',
    '{"code":"canceled"}',
    "[]",
    "null",
    "no json",
    "",
  ]);
  return new TextEncoder().encode(text);
}

/** Cuts off an end, or adds one. */
function spoil(random: Random, bytes: Uint8Array): Uint8Array {
  if (random.chance(0.93)) {
    return bytes;
  }
  return random.pick([
    bytes.subarray(0, bytes.byteLength - 1),
    bytes.subarray(0, Math.min(bytes.byteLength, 5)),
    bytes.subarray(0, Math.min(bytes.byteLength, 3)),
    Buffer.concat([bytes, Buffer.from([0, 0])]),
    Buffer.concat([bytes, Buffer.from([0, 0, 0, 255, 255, 1])]),
  ]);
}

function cut(random: Random, bytes: Uint8Array): Uint8Array[] {
  if (bytes.byteLength === 0) {
    return [];
  }
  const parts: Uint8Array[] = [];
  let rest = bytes;
  while (rest.byteLength > 1 && random.chance(0.2)) {
    const at = 1 + random.below(rest.byteLength - 1);
    parts.push(rest.subarray(0, at));
    rest = rest.subarray(at);
  }
  return [...parts, rest];
}
