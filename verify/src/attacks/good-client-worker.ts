import { request } from "node:http";
import { request as requestTls } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type {
  GoodCalls,
  GoodClientData,
  GoodClientMessage,
} from "./good-client.js";

// Given by the parent from the same type.
const { port, ca } = workerData as GoodClientData;
const timeoutMs = 10_000;
const pauseMs = 4;
const base = `${ca === undefined ? "http" : "https"}://127.0.0.1:${port}`;

const client = createClient(
  RevertNameService,
  createGrpcTransport({ baseUrl: base, nodeOptions: { ca } }),
);

async function callGrpc(): Promise<void> {
  const { reversedName } = await client.revertName(
    { name: "Rodrigo" },
    { timeoutMs },
  );
  if (reversedName !== "ogirdoR") {
    throw new Error(`RevertName answered ${reversedName}`);
  }
}

/** Over a new connection each time, as others come and go. */
function get(path: string, expected: RegExp): Promise<void> {
  const send = ca === undefined ? request : requestTls;
  return new Promise((resolve, reject) => {
    const options = { agent: false, ca, timeout: timeoutMs } as const;
    const req = send(`${base}${path}`, options, (res) => {
      let body = "";
      res.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      res.once("end", () =>
        res.statusCode === 200 && expected.test(body)
          ? resolve()
          : reject(new Error(`GET ${path} answered ${res.statusCode}`)),
      );
      res.once("error", reject);
    });
    req.once("timeout", () => req.destroy(new Error(`GET ${path} timed out`)));
    req.once("error", reject);
    req.end();
  });
}

const connectGet = `/revertname.v1.RevertNameService/RevertName?encoding=json&message=${encodeURIComponent('{"name":"Rodrigo"}')}`;

function callNumber(index: number): Promise<void> {
  if (index % 50 === 25) {
    return get("/metrics", /grpc_server_handled_total/);
  }
  return index % 10 === 5 ? get(connectGet, /ogirdoR/) : callGrpc();
}

let stopping = false;
const latenciesMs: number[] = [];
parentPort?.on("message", (message: GoodClientMessage) => {
  stopping = message === "stop";
  if (message === "measure") {
    latenciesMs.length = 0;
  }
});

const failures: Record<string, number> = {};
for (let index = 0; !stopping; index++) {
  const start = performance.now();
  try {
    await callNumber(index);
  } catch (error) {
    const what = String(error);
    failures[what] = (failures[what] ?? 0) + 1;
  }
  latenciesMs.push(performance.now() - start);
  await delay(pauseMs);
}
parentPort?.postMessage({ latenciesMs, failures } satisfies GoodCalls);
// The connection of the transport would keep the thread.
process.exit();
