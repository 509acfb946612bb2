import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { blameResponse, keepDeadline } from "@both-ends/service";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClientMetrics } from "connectrpc-prometheus";
import { Registry } from "prom-client";
import {
  createTransportFactory,
  type TransportFactory,
} from "./client-transport.js";
import { readDelimited, writeDelimited } from "./delimited.js";
import { endWithParent } from "./end-with-parent.js";
import {
  type ClientCompatRequest,
  ClientCompatRequestSchema,
  type ClientCompatResponse,
  ClientCompatResponseSchema,
  ClientErrorResultSchema,
} from "./gen/connectrpc/conformance/v1/client_compat_pb.js";
import { makeCall } from "./make-call.js";

/** The runner gives up altogether when it hears nothing for 20 s. */
const callLimitMs = 10_000;

const { values } = parseArgs({
  options: {
    transport: { type: "string", default: "fastlane" },
    parallel: { type: "string", default: "4" },
  },
});
await main(values.transport, Number(values.parallel));

/**
 * The program that the runner starts once: it reads calls from standard input,
 * makes each, and writes what came of them to standard output, in any order.
 */
async function main(transport: string, parallel: number): Promise<void> {
  endWithParent();
  if (
    transport !== "stock" &&
    transport !== "service" &&
    transport !== "fastlane"
  ) {
    throw new Error(`no transport ${transport}`);
  }
  const transports = createTransportFactory(
    transport === "stock"
      ? { kind: "stock" }
      : {
          kind: transport,
          interceptors: [
            createClientMetrics({ registry: new Registry() }).interceptor,
            blameResponse,
            keepDeadline,
          ],
        },
  );
  const running = new Set<Promise<void>>();
  for await (const bytes of readDelimited(process.stdin)) {
    const request = fromBinary(ClientCompatRequestSchema, bytes);
    const done = answer(transports, request).then((response) => {
      running.delete(done);
      writeDelimited(
        process.stdout,
        toBinary(ClientCompatResponseSchema, response),
      );
    });
    running.add(done);
    if (running.size >= parallel) {
      await Promise.race(running);
    }
  }
  await Promise.all(running);
  transports.close();
}

async function answer(
  transports: TransportFactory,
  request: ClientCompatRequest,
): Promise<ClientCompatResponse> {
  const response = create(ClientCompatResponseSchema, {
    testName: request.testName,
  });
  const ended = new AbortController();
  try {
    const value = await Promise.race([
      makeCall(transports.create(request), request),
      delay(callLimitMs, undefined, { signal: ended.signal }).then(() => {
        throw new Error(`the call did not end within ${callLimitMs} ms`);
      }),
    ]);
    response.result = { case: "response", value };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    response.result = {
      case: "error",
      value: create(ClientErrorResultSchema, { message }),
    };
  } finally {
    ended.abort();
  }
  return response;
}
