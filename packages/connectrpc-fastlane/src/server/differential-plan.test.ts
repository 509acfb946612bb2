import { RevertNameRequestSchema } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { create, toBinary, toJsonString } from "@bufbuild/protobuf";
import type { Random } from "../client/random.test.js";
import { type Act, options } from "./differential-server.test.js";

/** One request, as it goes on the wire. */
export interface Plan {
  readonly http2: boolean;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: readonly Buffer[];
  /** How the caller leaves, once the handler works or without waiting for it. */
  readonly leave?: { after: "handler" | "body"; rstCode: number };
}

type Kind = "grpc" | "connect" | "stream" | "get" | "web";

const paths = {
  unary: "/revertname.v1.RevertNameService/RevertName",
  post: "/heartbeat.v1.HeartbeatService/BeatHeart",
  stream: "/time.v1.TimeService/WatchTime",
  unimplemented: "/time.v1.TimeService/WhatTimeIs",
  bidi: "/revertname.v1.RevertNameService/RevertNames",
  client: "/heartbeat.v1.HeartbeatService/BeatHearts",
  unknown: "/revertname.v1.RevertNameService/None",
};

const names = ["", "Rodrigo", "é", "🇧🇷", "a".repeat(500), "n".repeat(3_990)];

/** Makes a request: mostly valid, often odd, at times broken. */
export function createPlan(random: Random, id: string): Plan {
  const kind = random.pick<Kind>([
    ...(["grpc", "grpc", "grpc", "connect", "connect"] as const),
    ...(["connect", "stream", "stream", "get", "web"] as const),
  ]);
  const json = random.chance(0.3);
  const streaming = kind === "stream" || random.chance(0.25);
  const path = random.often(
    0.93,
    streaming && kind !== "connect" && kind !== "get"
      ? paths.stream
      : paths.unary,
    Object.values(paths),
  );
  const act = createAct(random);
  const headers: Record<string, string> = {
    "x-id": id,
    ...typeHeaders(random, kind, json),
    ...timeoutHeaders(random, kind, act),
    ...oddHeaders(random),
    "x-act": JSON.stringify(act),
  };
  const message = encode(random.pick(names), json);
  const enveloped = kind !== "connect" && kind !== "get";
  const bytes = random.often(
    0.85,
    enveloped ? wrap(0, message) : message,
    brokenBodies(random, message, enveloped),
  );
  const get = kind === "get";
  const waits = act.work === "signal" && headers["x-timeout"] === undefined;
  return {
    http2: kind === "grpc" || random.chance(0.5),
    method: random.often(0.97, get ? "GET" : "POST", ["PUT", "GET", "OPTIONS"]),
    path: get ? path + createQuery(random, json, message) : path,
    headers,
    body: get ? [] : split(random, bytes),
    ...(waits && {
      leave: {
        after: "handler" as const,
        rstCode: random.pick([8, 8, 2, 7, 5, 11]),
      },
    }),
  };
}

function createAct(random: Random): Act {
  const some = <T>(probability: number, value: T) =>
    random.chance(probability) ? value : undefined;
  return {
    gate: some(0.1, random.pick(["refuse", "wait", "plain", "header"])),
    intercept: some(0.2, random.pick(["spread", "headers", "throw", "late"])),
    signal: some(0.4, true),
    work: some(0.1, random.pick([1, 5, "signal"])),
    header: some(
      0.2,
      random.pick<[string, string][]>([
        [["X-A", "1"]],
        [
          ["x-a", "1"],
          ["x-a", "2"],
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
        ],
        [
          ["connection", "close"],
          ["x-é".slice(0, 2), "é"],
          ["cache-control", "no-store"],
        ],
      ]),
    ),
    trailer: some(
      0.2,
      random.pick<[string, string][]>([
        [["X-T", "1"]],
        [
          ["x-t", "1"],
          ["x-t", "2"],
          ["set-cookie", "c=3"],
        ],
        [["x-bin", "AAEC"]],
      ]),
    ),
    size: some(0.2, random.pick([1, 1_023, 1_024, 5_000, 59_000, 61_000])),
    count: random.below(4),
    fail: some(0.2, {
      code: 1 + random.below(16),
      message: random.pick(["", "no", "naïve 100%\n", "m".repeat(2_000)]),
      detail: random.chance(0.5),
      meta: random.chance(0.3),
    }),
    plain: some(0.03, true),
  };
}

const types: Record<Kind, { proto: string; json: string; odd: string[] }> = {
  grpc: {
    proto: "application/grpc",
    json: "application/grpc+json",
    odd: ["application/grpc+proto", "application/grpc+xml", "Application/gRPC"],
  },
  connect: {
    proto: "application/proto",
    json: "application/json",
    odd: [
      "application/json; charset=utf-8",
      "text/plain",
      "application/connect+proto",
    ],
  },
  stream: {
    proto: "application/connect+proto",
    json: "application/connect+json",
    odd: ["application/proto", "application/connect+xml"],
  },
  web: {
    proto: "application/grpc-web+proto",
    json: "application/grpc-web+json",
    odd: ["application/grpc-web"],
  },
  get: { proto: "", json: "", odd: ["application/proto"] },
};

function typeHeaders(
  random: Random,
  kind: Kind,
  json: boolean,
): Record<string, string> {
  const { proto, json: jsonType, odd } = types[kind];
  const type = random.often(0.93, json ? jsonType : proto, odd);
  const encodings = {
    grpc: ["grpc-encoding", "grpc-accept-encoding"],
    web: ["grpc-encoding", "grpc-accept-encoding"],
    stream: ["connect-content-encoding", "connect-accept-encoding"],
    connect: ["content-encoding", "accept-encoding"],
    get: ["content-encoding", "accept-encoding"],
  }[kind];
  const [own = "", accepted = ""] = encodings;
  return {
    ...(type !== "" && { "content-type": type }),
    ...(kind === "grpc" && { te: "trailers" }),
    ...(random.chance(0.1) && {
      [own]: random.pick(["identity", "gzip", "br", "zstd", ""]),
    }),
    ...(random.chance(0.4) && {
      [accepted]: random.pick([
        "gzip",
        "identity,deflate,gzip",
        "br, gzip",
        "zstd",
        "",
      ]),
    }),
    ...(random.chance(0.3) && {
      "connect-protocol-version": random.pick(["1", "1", "2"]),
    }),
  };
}

function timeoutHeaders(
  random: Random,
  kind: Kind,
  act: Act,
): Record<string, string> {
  const grpc = kind === "grpc" || kind === "web";
  const name = grpc ? "grpc-timeout" : "connect-timeout-ms";
  if (act.work === "signal" && random.chance(0.5)) {
    return { [name]: grpc ? "60m" : "60", "x-timeout": "1" };
  }
  if (act.work === "signal" || random.chance(0.7)) {
    return {};
  }
  return {
    [name]: random.pick(
      grpc
        ? ["9S", "90000m", "50000000u", "1H", "1", "m", "123456789S", "-1S"]
        : ["9000", "90000", "1000000", "x", "-1", "12345678901", ""],
    ),
  };
}

function oddHeaders(random: Random): Record<string, string> {
  return random.chance(0.2)
    ? random.pick<Record<string, string>>([
        { origin: "http://localhost" },
        { "x-long": "v".repeat(1_000) },
        { cookie: "a=b; c=d" },
        { "x-bin": "AAEC" },
        { "user-agent": "differential" },
        { "x-latin": "caf\u00e9" },
      ])
    : {};
}

function createQuery(random: Random, json: boolean, message: Buffer): string {
  const base64 = !json || random.chance(0.3);
  const query = new URLSearchParams({
    encoding: random.often(0.95, json ? "json" : "proto", ["xml", ""]),
    message: message.toString(base64 ? "base64url" : "utf8"),
    ...(base64 && { base64: random.often(0.95, "1", ["0", "true"]) }),
    ...(random.chance(0.5) && { connect: random.pick(["v1", "v1", "v2"]) }),
    ...(random.chance(0.1) && {
      compression: random.pick(["identity", "gzip", "zstd"]),
    }),
  });
  return `?${query}`;
}

function encode(name: string, json: boolean): Buffer {
  const message = create(RevertNameRequestSchema, { name });
  return Buffer.from(
    json
      ? toJsonString(RevertNameRequestSchema, message)
      : toBinary(RevertNameRequestSchema, message),
  );
}

function wrap(flags: number, data: Buffer, length = data.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flags;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, data]);
}

function brokenBodies(
  random: Random,
  message: Buffer,
  enveloped: boolean,
): Buffer[] {
  const garbage = Buffer.from([0xff, 0xff, 0xff, 0x00, 0x01]);
  const large = Buffer.alloc(options.readMaxBytes + random.below(3), "z");
  if (!enveloped) {
    return [Buffer.alloc(0), garbage, large, Buffer.from("{")];
  }
  const good = wrap(0, message);
  return [
    Buffer.alloc(0),
    good.subarray(0, random.below(good.length)),
    Buffer.concat([good, good]),
    Buffer.concat([good, good.subarray(0, 3)]),
    Buffer.concat([good, wrap(2, Buffer.from("{}"))]),
    wrap(1, message),
    wrap(2, message),
    wrap(0x80, message),
    wrap(0, garbage),
    Buffer.concat([wrap(0, garbage), good]),
    wrap(0, large),
    wrap(0, message, 0xffffffff),
    Buffer.concat([good, wrap(0, large)]),
  ];
}

/** Cuts a body into the pieces in which it is sent. */
function split(random: Random, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const length = random.often(0.7, bytes.length, [1, 4, 5, 6, 100]);
    pieces.push(bytes.subarray(from, from + length));
    from += length;
  }
  return pieces;
}
