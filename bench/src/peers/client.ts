// A client that makes as many calls as are answered, and tells what they cost.
import { connect } from "node:http2";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { createClient, type Transport } from "@connectrpc/connect";
import {
  createGrpcTransport,
  type GrpcTransportOptions,
} from "@connectrpc/connect-node";
import { env } from "./announce.js";
import { readText, textFrame } from "./frames.js";

type Call = (name: string) => Promise<string>;

const inFlight = 32;
const warmUpMs = Number(env("WARM_UP_MS"));
const measureMs = Number(env("MEASURE_MS"));
const call = await createCall(env("CLIENT"), env("SERVER_URL"));

// Not too few for V8, and not for ever on a machine that is busy.
let warmUpCalls = 0;
for (let i = 0; i < 15 && warmUpCalls < 5_000; i += 1) {
  warmUpCalls += await makeCalls(warmUpMs);
}
const before = process.cpuUsage();
const calls = await makeCalls(measureMs);
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  `${JSON.stringify({ calls, cpuUs: (user + system) / calls, perSecond: (calls * 1_000) / measureMs })}\n`,
);
process.exit(0);

async function makeCalls(timeMs: number): Promise<number> {
  const end = performance.now() + timeMs;
  let made = 0;
  const work = async () => {
    while (performance.now() < end) {
      if ((await call("Rodrigo")) !== "ogirdoR") {
        throw new Error("the answer is wrong");
      }
      made += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return made;
}

async function createCall(kind: string, baseUrl: string): Promise<Call> {
  if (kind === "bare node:http2") {
    return bareCall(baseUrl);
  }
  const createTransport =
    kind === "stock connect-node"
      ? createGrpcTransport
      : await findLaneTransport();
  const client = createClient(RevertNameService, createTransport({ baseUrl }));
  return async (name) => (await client.revertName({ name })).reversedName;
}

async function findLaneTransport(): Promise<
  (options: GrpcTransportOptions) => Transport
> {
  // By name: it may not have the transport.
  const name: string = "connectrpc-fastlane";
  const { createGrpcTransport: create } = await import(name);
  if (typeof create !== "function") {
    throw new Error(`${name} has no transport`);
  }
  return create;
}

function bareCall(baseUrl: string): Call {
  const session = connect(baseUrl);
  return (name) =>
    new Promise((resolve, reject) => {
      const stream = session.request({
        ":method": "POST",
        ":path": "/revertname.v1.RevertNameService/RevertName",
        "content-type": "application/grpc+proto",
        te: "trailers",
      });
      const chunks: Buffer[] = [];
      let status: unknown;
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("trailers", (trailers) => {
        status = trailers["grpc-status"];
      });
      stream.on("error", reject);
      stream.on("end", () => {
        const [only = Buffer.alloc(0)] = chunks;
        if (status === "0") {
          resolve(
            readText(chunks.length < 2 ? only : Buffer.concat(chunks), 1),
          );
        } else {
          reject(new Error(`grpc-status is ${status}`));
        }
      });
      stream.end(textFrame({ 1: name }));
    });
}
