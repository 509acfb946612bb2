import { connect } from "node:http2";
import { readText, textFrame } from "./peers/frames.js";
import { sampleName } from "./rpc-load.js";
import type { System } from "./rpc-system.js";

const reversedName = [...sampleName].reverse().join("");
const timeoutMs = 10_000;

/** Asks a system once, as the load will. Rejects unless the answer is right. */
export async function checkAnswer({ kind, port }: System): Promise<void> {
  const answer = kind === "rpc" ? await revertName(port) : await askProxy(port);
  if (answer !== reversedName) {
    throw new Error(`the answer is "${answer}", not "${reversedName}"`);
  }
}

async function askProxy(port: number): Promise<string> {
  const response = await fetch(
    `http://127.0.0.1:${port}/proxy/${sampleName}/`,
    { signal: AbortSignal.timeout(timeoutMs) },
  );
  const body: unknown = await response.json();
  const { reversed_name, time } = Object(body);
  if (Number.isNaN(Date.parse(time))) {
    throw new Error(`the time is ${JSON.stringify(time)}`);
  }
  return String(reversed_name);
}

async function revertName(port: number): Promise<string> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    return await new Promise((resolve, reject) => {
      session.on("error", reject);
      const stream = session.request({
        ":method": "POST",
        ":path": "/revertname.v1.RevertNameService/RevertName",
        "content-type": "application/grpc",
        te: "trailers",
      });
      stream.setTimeout(timeoutMs, () => {
        reject(new Error(`no answer within ${timeoutMs} ms`));
      });
      const chunks: Buffer[] = [];
      let status: unknown;
      stream.on("response", (headers) => {
        status = headers["grpc-status"];
      });
      stream.on("trailers", (trailers) => {
        status = trailers["grpc-status"];
      });
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", reject);
      stream.on("end", () => {
        if (status === "0") {
          resolve(readText(Buffer.concat(chunks), 1));
        } else {
          reject(new Error(`grpc-status is ${status}`));
        }
      });
      stream.end(textFrame({ 1: sampleName }));
    });
  } finally {
    session.destroy();
  }
}

/**
 * Reads how many calls a system has counted in its metrics as ended: those it
 * was asked for, or those that its proxy made.
 */
export async function countedCalls({
  kind,
  metricsPort,
}: System): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`, {
    signal: AbortSignal.timeout(timeoutMs),
  });
  const side = kind === "rpc" ? "server" : "client";
  let sum = 0;
  for (const line of (await response.text()).split("\n")) {
    if (line.startsWith(`grpc_${side}_handled_total{`)) {
      sum += Number(line.slice(line.lastIndexOf("}") + 1));
    }
  }
  return sum;
}
