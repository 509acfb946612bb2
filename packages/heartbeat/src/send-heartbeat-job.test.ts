import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type BeatHeartRequest,
  HeartbeatService,
} from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import type { JobContext } from "@both-ends/jobs";
import { durationMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  Code,
  ConnectError,
  createRouterTransport,
  type HandlerContext,
} from "@connectrpc/connect";
import { createSendHeartbeatJob } from "./send-heartbeat-job.js";

function createContext(
  options: { signal?: AbortSignal; intervalMs?: number } = {},
) {
  const { signal = new AbortController().signal, intervalMs = 10_000 } =
    options;
  const lines: string[] = [];
  const context: JobContext = {
    signal,
    data: undefined,
    runId: "send-heartbeat-1",
    scheduledFor: new Date("2026-01-02T03:04:05.678Z"),
    intervalMs,
    log: (line) => lines.push(line),
  };
  return { context, lines };
}

function createEdge(
  answer: (context: HandlerContext) => Promise<Date> = async () =>
    new Date("2026-01-02T03:04:06Z"),
) {
  const beats: BeatHeartRequest[] = [];
  const headers: Headers[] = [];
  const transport = createRouterTransport((router) => {
    router.rpc(HeartbeatService.method.beatHeart, async (request, context) => {
      beats.push(request);
      headers.push(context.requestHeader);
      return { serverTime: timestampFromDate(await answer(context)) };
    });
  });
  return { beats, headers, transport };
}

const sender = { serviceName: "time", instanceId: "host:1" };

suite("createSendHeartbeatJob()", { timeout: 20_000 }, () => {
  test("is a job that runs every 10 s and whose lock lives for 15 s", () => {
    const { transport } = createEdge();
    const job = createSendHeartbeatJob({ transport, ...sender });
    assert.equal(job.name, "send-heartbeat");
    assert.equal("every" in job && job.every, "10 seconds");
    assert.equal(job.lockLifetimeMs, 15_000);
    assert(job.timeoutMs >= 5_000 && job.timeoutMs < 15_000);
  });

  test("sends a beat and tells when it was stored", async () => {
    const { beats, transport } = createEdge();
    const job = createSendHeartbeatJob({ transport, ...sender });
    const { context, lines } = createContext();
    assert.equal(await job.run(context), "stored at 2026-01-02T03:04:06.000Z");
    const [sent, answered, ...more] = lines;
    assert.equal(sent, "time is alive, says host:1; next beat in 10 s");
    assert.match(answered ?? "", /^edge answered after \d+\.\d ms$/);
    assert.deepEqual(more, []);
    const [beat, ...others] = beats;
    assert.deepEqual(others, []);
    assert.equal(beat?.serviceName, "time");
    assert.equal(beat?.instanceId, "host:1");
    assert.equal(beat?.interval && durationMs(beat.interval), 10_000);
  });

  test("promises the interval of the schedule, within what a beat can promise", async () => {
    const { beats, transport } = createEdge();
    const job = createSendHeartbeatJob({ transport, ...sender });
    const log: string[] = [];
    for (const intervalMs of [30_000, 500, 7_200_000]) {
      const { context, lines } = createContext({ intervalMs });
      await job.run(context);
      log.push(...lines.filter((line) => line.includes("promise")));
    }
    assert.deepEqual(
      beats.map(({ interval }) => interval && durationMs(interval)),
      [30_000, 1_000, 3_600_000],
    );
    assert.deepEqual(log, [
      "the next beat is due in 500 ms, promised are 1000 ms: a beat can promise 1 s to 1 h",
      "the next beat is due in 7200000 ms, promised are 3600000 ms: a beat can promise 1 s to 1 h",
    ]);
  });

  test("shows its token, if it has one", async () => {
    const { headers, transport } = createEdge();
    for (const token of [undefined, "secret"]) {
      const job = createSendHeartbeatJob({ transport, ...sender, token });
      await job.run(createContext().context);
    }
    assert.deepEqual(
      headers.map((header) => header.get("authorization")),
      [null, "Bearer secret"],
    );
  });

  test("fails with the error of a beat that is not stored", async () => {
    const { transport } = createEdge(async () => {
      throw new ConnectError(
        "the heartbeat store is unavailable",
        Code.Unavailable,
      );
    });
    const job = createSendHeartbeatJob({ transport, ...sender });
    const { context, lines } = createContext();
    await assert.rejects(job.run(context), {
      message: "[unavailable] the heartbeat store is unavailable",
    });
    assert.match(lines.at(-1) ?? "", /^not stored after \d+\.\d ms$/);
  });

  test("stops when the run is told to", async () => {
    const controller = new AbortController();
    const { transport } = createEdge(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          controller.abort(new Error("the worker closes"));
        }),
    );
    const job = createSendHeartbeatJob({ transport, ...sender });
    await assert.rejects(
      job.run(createContext({ signal: controller.signal }).context),
      {
        rawMessage: "the worker closes",
      },
    );
  });

  test("gives edge 5 s", async () => {
    let timeoutMs: number | undefined;
    const { transport } = createEdge(async (context) => {
      timeoutMs = context.timeoutMs();
      return new Date();
    });
    const job = createSendHeartbeatJob({ transport, ...sender });
    await job.run(createContext().context);
    assert(timeoutMs !== undefined && timeoutMs > 4_000 && timeoutMs <= 5_000);
  });
});
