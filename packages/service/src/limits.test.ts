import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import * as http2 from "node:http2";
import { connect, type Socket } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { laneVariables, needs, run, waitFor } from "@both-ends/testing";
import { Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { z } from "zod";
import { baseOptions, readConfig } from "./config.js";
import { delay } from "./delay.js";
import { startServer } from "./server.js";

const config = z.object(
  baseOptions({ port: 0, grpcPort: 0, metricsPort: 0, workerMetricsPort: 0 }),
);
const path = "/time.v1.TimeService/WhatTimeIs";

/** A server with limits, whose call in the zone "slow" goes on until cut. */
async function useServer(t: TestContext, env: Record<string, string>) {
  const running = await startServer(
    {
      name: "sample",
      version: "1.2.3",
      config,
      server: () => ({
        routes(router) {
          router.service(TimeService, {
            async whatTimeIs({ timeZone }, { signal }) {
              await delay(timeZone === "slow" ? 60_000 : 0, signal);
              return { rfc3339: "now" };
            },
          });
        },
      }),
      worker: () => [],
    },
    readConfig(config, {
      MONGODB_URI: "mongodb://127.0.0.1:1",
      LOG_LEVEL: "silent",
      SHUTDOWN_GRACE_MS: "100",
      ...laneVariables(),
      ...env,
    }),
  );
  t.after(() => running.close());
  const { web, grpc, metrics } = running.addresses;
  const baseUrl = `http://127.0.0.1:${web?.port}`;
  const readMetrics = async () =>
    (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text();
  return {
    baseUrl,
    grpcUrl: `http://127.0.0.1:${grpc?.port}`,
    client: createClient(TimeService, createGrpcTransport({ baseUrl })),
    readMetrics,
    /** Waits until a sample of the metrics has this value. */
    async counted(sample: string, value: number) {
      await waitFor(`${sample} ${value}`, async () => {
        const text = await readMetrics();
        const line = text.split("\n").find((line) => line.startsWith(sample));
        assert.equal(line, `${sample} ${value}`);
        return true;
      });
    },
  };
}

const reached = (limit: string) =>
  `service_limits_reached_total{limit="${limit}"}`;
const handled = (code: string) =>
  `grpc_server_handled_total{grpc_type="unary",grpc_service="time.v1.TimeService",grpc_method="WhatTimeIs",grpc_code="${code}"}`;

/** Opens a TCP connection that says this. */
async function open(t: TestContext, url: string, says = ""): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(says);
  return socket;
}

/** What a connection says until the server has closed it. */
async function readToEnd(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (data) => {
    text += data;
  });
  await once(socket, "close", { signal: AbortSignal.timeout(10_000) });
  return text;
}

suite("startServer() with limits", { timeout: 60_000 }, () => {
  test("refuses a message that inflates over MAX_MESSAGE_BYTES, and inflates no further", async (t) => {
    const { baseUrl, counted } = await useServer(t, {});
    const zeros = Buffer.alloc(128 * 2 ** 20);
    const bodies = {
      gzip: gzipSync(zeros),
      br: brotliCompressSync(zeros, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
      }),
    };
    assert.ok(bodies.gzip.length < zeros.length / 1_000);
    const before = process.memoryUsage.rss();
    let highest = 0;
    const watch = setInterval(() => {
      highest = Math.max(highest, process.memoryUsage.rss());
    }, 5);
    t.after(() => clearInterval(watch));
    let calls = 0;
    for (const [encoding, body] of Object.entries(bodies)) {
      for (const type of ["json", "proto"]) {
        const answers = await Promise.all(
          Array.from({ length: 10 }, () =>
            fetch(`${baseUrl}${path}`, {
              method: "POST",
              headers: {
                "content-type": `application/${type}`,
                "content-encoding": encoding,
              },
              body,
            }),
          ),
        );
        for (const answer of answers) {
          assert.equal(answer.status, 429);
          assert.match(await answer.text(), /resource_exhausted/);
          calls++;
        }
      }
    }
    // All at once they would be 1,280 MiB.
    const grownMiB = (highest - before) / 2 ** 20;
    assert.ok(grownMiB < 300, `grew by ${grownMiB} MiB`);
    await counted(handled("ResourceExhausted"), calls);
  });

  test("refuses headers over MAX_HEADER_BYTES", async (t) => {
    const { baseUrl, counted } = await useServer(t, {
      MAX_HEADER_BYTES: "2000",
    });
    const headers = { "x-large": "a".repeat(3_000) };
    const [answer] = await once(
      request(`${baseUrl}/healthz`, { headers }).end(),
      "response",
    );
    answer.resume();
    assert.equal(answer.statusCode, 431);
    await counted(reached("MAX_HEADER_BYTES"), 1);
    const session = http2.connect(baseUrl);
    t.after(() => session.destroy());
    // It holds from when the client has said that it knows of it.
    await once(session, "localSettings");
    await once(session.request({ ":path": "/healthz" }), "response");
    const stream = session.request({ ":path": "/healthz", ...headers });
    await assert.rejects(once(stream, "response"), {
      message: /NGHTTP2_ENHANCE_YOUR_CALM/,
    });
  });

  test("closes connections over MAX_CONNECTIONS, on both ports", async (t) => {
    const { baseUrl, grpcUrl, counted } = await useServer(t, {
      MAX_CONNECTIONS: "2",
    });
    const kept = [await open(t, baseUrl), await open(t, grpcUrl)];
    await counted("service_connections", 2);
    assert.equal(await readToEnd(await open(t, baseUrl)), "");
    assert.equal(await readToEnd(await open(t, grpcUrl)), "");
    await counted(reached("MAX_CONNECTIONS"), 2);
    for (const socket of kept) {
      socket.destroy();
    }
    await counted("service_connections", 0);
    assert.equal((await fetch(`${baseUrl}/healthz`)).status, 200);
  });

  test("tells HTTP/2 clients MAX_STREAMS_PER_CONNECTION", async (t) => {
    const { baseUrl } = await useServer(t, {
      MAX_STREAMS_PER_CONNECTION: "3",
    });
    const session = http2.connect(baseUrl);
    t.after(() => session.destroy());
    const [settings] = await once(session, "remoteSettings");
    assert.equal(settings.maxConcurrentStreams, 3);
  });

  test("cuts what is silent for PREFACE_TIMEOUT_MS", async (t) => {
    const { baseUrl, counted } = await useServer(t, {
      PREFACE_TIMEOUT_MS: "100",
    });
    assert.equal(await readToEnd(await open(t, baseUrl)), "");
    await counted(reached("PREFACE_TIMEOUT_MS"), 1);
  });

  test("answers 408 to what has not arrived within REQUEST_TIMEOUT_MS", async (t) => {
    const { baseUrl, counted } = await useServer(t, {
      REQUEST_TIMEOUT_MS: "100",
    });
    for (const part of [
      "GET /healthz HTTP/1.1\r\n",
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
    ]) {
      const socket = await open(t, baseUrl, part);
      assert.match(await readToEnd(socket), /^HTTP\/1\.1 408 /);
    }
    await counted(reached("REQUEST_TIMEOUT_MS"), 2);
  });

  test("resets calls over HTTP/2 whose message has not come by then, on the lane and off it", async (t) => {
    const { baseUrl, counted } = await useServer(t, {
      REQUEST_TIMEOUT_MS: "100",
    });
    const session = http2.connect(baseUrl);
    t.after(() => session.destroy());
    for (const type of ["application/grpc", "application/grpc-web+proto"]) {
      const stream = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": type,
      });
      stream.on("error", () => {});
      stream.resume().write("\0");
      await once(stream, "close");
      assert.equal(stream.rstCode, http2.constants.NGHTTP2_CANCEL);
    }
    await counted(reached("REQUEST_TIMEOUT_MS"), 2);
    await counted(
      'grpc_server_in_flight{grpc_type="unary",grpc_service="time.v1.TimeService",grpc_method="WhatTimeIs"}',
      0,
    );
  });

  test("closes what is idle for IDLE_TIMEOUT_MS", async (t) => {
    const { baseUrl, counted } = await useServer(t, {
      IDLE_TIMEOUT_MS: "100",
    });
    const get = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    const text = await readToEnd(await open(t, baseUrl, get));
    assert.match(text, /^HTTP\/1\.1 200 /);
    const session = http2.connect(baseUrl);
    t.after(() => session.destroy());
    const [code] = await once(session, "goaway");
    assert.equal(code, http2.constants.NGHTTP2_NO_ERROR);
    await counted(reached("IDLE_TIMEOUT_MS"), 2);
  });

  test("counts a deadline over MAX_DEADLINE_MS as a call", async (t) => {
    const { client, counted } = await useServer(t, {
      MAX_DEADLINE_MS: "60000",
    });
    await assert.rejects(client.whatTimeIs({}, { timeoutMs: 61_000 }), {
      code: Code.InvalidArgument,
    });
    await counted(handled("InvalidArgument"), 1);
  });

  test("sheds calls over MAX_IN_FLIGHT, and counts them as calls too", async (t) => {
    const { baseUrl, client, counted } = await useServer(t, {
      MAX_IN_FLIGHT: "1",
    });
    const caller = new AbortController();
    const { signal } = caller;
    const slow = client.whatTimeIs({ timeZone: "slow" }, { signal });
    const left = assert.rejects(slow, { code: Code.Canceled });
    await counted(
      'grpc_server_in_flight{grpc_type="unary",grpc_service="time.v1.TimeService",grpc_method="WhatTimeIs"}',
      1,
    );
    await assert.rejects(client.whatTimeIs({}), { code: Code.Unavailable });
    const answer = await fetch(`${baseUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get("retry-after"), "1");
    assert.match(await answer.text(), /unavailable/);
    await counted("service_calls_shed_total", 2);
    await counted(handled("Unavailable"), 2);
    caller.abort();
    await left;
    await waitFor("the place to be free", () => client.whatTimeIs({}));
  });

  test("shows metrics that promtool takes", needs("promtool"), async (t) => {
    const { readMetrics } = await useServer(t, {});
    const input = await readMetrics();
    const checked = await run("promtool", ["check", "metrics"], { input });
    assert.deepEqual(checked, { code: 0, stdout: "", stderr: "" });
  });
});
