import assert from "node:assert/strict";
import { constants } from "node:http2";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { run } from "@both-ends/testing";
import { Code, type Interceptor, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport as createStockConnectTransport,
  createGrpcTransport as createStockGrpcTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { ClientConnections } from "../http2/client-connections.js";
import { createConnectLane } from "./connect-lane.js";
import { createGrpcLane } from "./grpc-lane.js";
import { createLaneTransport } from "./lane-transport.js";
import { errorFromReset } from "./node-error.js";
import {
  makeOddAnswer,
  type OddAnswer,
  readMaxBytes,
  type Speech,
} from "./odd-answers.test.js";
import { type OddServer, startOddServer } from "./odd-server.test.js";
import {
  type CallPlan,
  makeCall,
  makeCallPlan,
  type Outcome,
} from "./outcome.test.js";
import { createRandom, type Random } from "./random.test.js";
import { resolveSettings } from "./transport.js";

const calls = Number(process.env.LANE_DIFFERENTIAL_CALLS ?? 2_000);
const seed = Number(
  // The same calls each time, unless others are asked for.
  process.env.LANE_DIFFERENTIAL_SEED ?? 11,
);

/** A server of Node ends a session that resets many streams. */
const callsPerSession = 100;

const lanes = { grpc: createGrpcLane, connect: createConnectLane };
const stocks = {
  grpc: createStockGrpcTransport,
  connect: createStockConnectTransport,
};

/** What the calls of each side share. */
interface Sessions {
  readonly lane: ClientConnections;
  readonly stock: Http2SessionManager;
}

suite("createGrpcTransport() and createConnectTransport()", () => {
  test(`answer ${calls} calls as connect-node does, seed ${seed}`, {
    timeout: 600_000,
  }, async (t) => {
    if (process.env.LANE_DIFFERENTIAL_ALONE === "true") {
      await compareAll(t);
    } else {
      await compareApart(t);
    }
  });
});

/**
 * Compares in a process of its own: Node 20 corrupts its memory once in some
 * ten thousand odd answers, also with connect-node's transports alone. What
 * dies of that is started again.
 */
async function compareApart(t: TestContext): Promise<void> {
  // What tells a test file that a runner reads its output, in a format of its own.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  for (let attempt = 0; attempt < 5; attempt++) {
    const { code, stdout, stderr } = await run(
      process.execPath,
      [fileURLToPath(import.meta.url)],
      {
        timeoutMs: 590_000,
        env: {
          ...env,
          LANE_DIFFERENTIAL_ALONE: "true",
          LANE_DIFFERENTIAL_SEED: String(seed + attempt),
        },
      },
    );
    if (code !== null) {
      assert.equal(code, 0, stdout + stderr);
      t.diagnostic(stdout.replace(/^[^#]*$/gm, "").trim());
      return;
    }
    t.diagnostic(`Node died with seed ${seed + attempt}: ${stderr}`);
  }
  assert.fail("Node died five times");
}

async function compareAll(t: TestContext): Promise<void> {
  const server = await startOddServer();
  t.after(() => server.close());
  const random = createRandom(seed);
  const codes = new Map<string, number>();
  let left = calls;
  let repeated = 0;
  const work = async () => {
    while (left > 0) {
      const sessions = openSessions(server);
      try {
        for (let i = 0; i < callsPerSession && left-- > 0; i++) {
          const scene = makeScene(random);
          const { outcome, again } = await compare(scene, server, sessions);
          repeated += again;
          const code = codeOf(outcome);
          codes.set(code, (codes.get(code) ?? 0) + 1);
        }
      } finally {
        closeSessions(sessions);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  t.diagnostic(`${JSON.stringify(Object.fromEntries(codes))}`);
  t.diagnostic(`${repeated} calls were made again`);
  assert.ok(repeated <= calls / 50, `${repeated} calls were made again`);
  assert.ok((codes.get("ok") ?? 0) > calls / 10, "too few calls succeed");
}

/** A call, and what a server answers. */
interface Scene {
  readonly speech: Speech;
  readonly answer: OddAnswer;
  readonly plan: CallPlan;
  readonly useHttpGet: boolean;
}

function makeScene(random: Random): Scene {
  const speech: Speech = {
    protocol: random.pick(["grpc", "connect"]),
    binary: random.chance(0.8),
  };
  const answer = makeOddAnswer(random, speech);
  return {
    speech,
    answer,
    plan: makeCallPlan(random, answer),
    useHttpGet: random.chance(0.3),
  };
}

/** A cut connection ends by FIN or by RST, as it happens. */
const lost = new Set(["Canceled", "Aborted"]);

/** Makes a call on both sides; again if a difference may be one of timing. */
async function compare(scene: Scene, server: OddServer, sessions: Sessions) {
  const cut = scene.answer.steps.some((step) => step.do === "destroy socket");
  for (let again = 0; ; again++) {
    const [lane, stock] = await Promise.all([
      callOn("lane", scene, server, sessions),
      callOn("stock", scene, server, sessions),
    ]);
    const expected = mend(stock);
    if (
      isDeepStrictEqual(lane, expected) ||
      (cut && lost.has(codeOf(lane)) && lost.has(codeOf(stock)))
    ) {
      return { outcome: lane, again };
    }
    if (again === 3) {
      assert.deepEqual(lane, expected, JSON.stringify(scene));
    }
  }
}

async function callOn(
  side: keyof Sessions,
  { speech, answer, plan, useHttpGet }: Scene,
  server: OddServer,
  shared: Sessions,
): Promise<Outcome> {
  const sessions = answer.endsSession ? openSessions(server) : shared;
  const outcome = await makeCall(plan, (options) =>
    createTransport(side, speech.protocol, sessions, {
      ...options,
      httpVersion: "2",
      baseUrl: server.prepare(answer.steps),
      useBinaryFormat: speech.binary,
      useHttpGet,
      readMaxBytes,
      writeMaxBytes: readMaxBytes,
    }),
  );
  if (sessions !== shared) {
    closeSessions(sessions);
  }
  return outcome;
}

interface TransportOptions {
  readonly interceptors: Interceptor[];
  readonly defaultTimeoutMs: number | undefined;
  readonly httpVersion: "2";
  readonly baseUrl: string;
  readonly useBinaryFormat: boolean;
  readonly useHttpGet: boolean;
  readonly readMaxBytes: number;
  readonly writeMaxBytes: number;
}

/** A transport as the factories make it, on a connection that it shares. */
function createTransport(
  side: keyof Sessions,
  protocol: Speech["protocol"],
  { lane, stock }: Sessions,
  options: TransportOptions,
): Transport {
  const sessionManager = stock;
  const transport = stocks[protocol]({ ...options, sessionManager });
  if (side === "stock") {
    return transport;
  }
  const settings = resolveSettings(options, lane);
  return createLaneTransport(
    options,
    settings,
    { transport, close() {} },
    lanes[protocol](settings),
  );
}

function openSessions({ origin }: OddServer): Sessions {
  return {
    lane: new ClientConnections(origin),
    stock: new Http2SessionManager(origin),
  };
}

function closeSessions({ lane, stock }: Sessions): void {
  lane.close();
  stock.abort();
}

/**
 * What connect-node says, but for what the lane says better on purpose:
 *
 * - `internal` of a response that breaks the protocol, instead of
 *   `invalid_argument`, which blames the request;
 * - of a reset what gRPC's table has for its code, in connect-node's own words,
 *   instead of `internal` for all that Node's stream says first.
 */
function mend(value: Outcome): Outcome;
function mend(value: unknown): unknown;
function mend(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => mend(item));
  }
  if (Object.prototype.toString.call(value) !== "[object Object]") {
    return value;
  }
  const mended = Object.fromEntries(
    Object.entries(Object(value)).map(([name, item]) => [name, mend(item)]),
  );
  if (
    mended.code === Code.InvalidArgument &&
    mended.wire === false &&
    String(mended.message).startsWith("protocol error: ")
  ) {
    mended.code = Code.Internal;
    mended.whole = `[internal] ${mended.message}`;
  }
  const [, reset] =
    /^Stream closed with error code NGHTTP2_(\w+)$/.exec(
      String(mended.message),
    ) ?? [];
  if (mended.code === Code.Internal && reset !== undefined) {
    const error = errorFromReset(
      // Of the constants, those of this name are numbers.
      Number(constants[`NGHTTP2_${reset}` as keyof typeof constants]),
    );
    mended.code = error.code;
    mended.message = error.rawMessage;
    mended.whole = error.message;
    mended.cause = undefined;
  }
  return mended;
}

function codeOf({ error }: Outcome): string {
  return typeof error === "object" && error !== null && "code" in error
    ? (Code[Number(error.code)] ?? "other")
    : "ok";
}
