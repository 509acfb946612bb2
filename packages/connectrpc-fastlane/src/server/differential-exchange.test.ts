import * as http from "node:http";
import type * as http2 from "node:http2";
import { setImmediate as turn } from "node:timers/promises";
import type { Plan } from "./differential-plan.test.js";

/** What came back, but for what may differ. */
export interface Answer {
  status?: number | undefined;
  header?: Record<string, unknown>;
  trailer?: Record<string, unknown>;
  body?: string;
  /** How it ended, where it did not end well. */
  failed?: string;
}

/** Sends a request over HTTP/2. The promise tells when to leave. */
export async function exchangeHttp2(
  session: http2.ClientHttp2Session,
  plan: Plan,
  leave: Promise<void>,
): Promise<Answer> {
  const stream = session.request(
    { ":method": plan.method, ":path": plan.path, ...plan.headers },
    { endStream: plan.body.length === 0 },
  );
  const answer: Answer = {};
  const chunks: Buffer[] = [];
  stream.on("response", ({ ":status": status, ...header }) => {
    answer.status = status;
    answer.header = withoutDate(header);
  });
  stream.on("trailers", (trailer) => {
    const message = trailer["grpc-message"];
    answer.trailer = {
      // Without the symbol that tells which fields are never to be indexed.
      ...Object.fromEntries(Object.entries(trailer)),
      // The lane encodes what gRPC asks for, connect-es more.
      ...(typeof message === "string" && {
        "grpc-message": decodeURIComponent(message),
      }),
    };
  });
  stream.on("data", (chunk) => chunks.push(chunk));
  stream.on("error", () => {});
  const closed = new Promise<void>((resolve) => {
    stream.on("close", () => resolve());
  });
  for (const piece of plan.body) {
    if (!stream.destroyed && !stream.writableEnded) {
      stream.write(piece);
      await turn();
    }
  }
  if (plan.body.length > 0) {
    stream.end();
  }
  if (plan.leave !== undefined) {
    await Promise.race([leave, closed]);
    stream.close(plan.leave.rstCode);
  }
  await closed;
  answer.body = Buffer.concat(chunks).toString("latin1");
  // NO_ERROR and CANCEL are what Node says of a response that came too early.
  if (answer.status === undefined) {
    answer.failed = "no response";
  }
  return answer;
}

/** The same over HTTP/1.1. */
export function exchangeHttp1(
  agent: http.Agent,
  port: number,
  plan: Plan,
  leave: Promise<void>,
): Promise<Answer> {
  const request = http.request({
    agent,
    port,
    host: "127.0.0.1",
    method: plan.method,
    path: plan.path,
    headers: plan.headers,
  });
  const answered = new Promise<Answer>((resolve) => {
    request.on("error", () => resolve({ failed: "no response" }));
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", () => {});
      response.on("close", () => {
        resolve({
          status: response.statusCode,
          header: withoutDate(response.headers),
          trailer: { ...response.trailers },
          body: Buffer.concat(chunks).toString("latin1"),
          ...(!response.complete && { failed: "cut" }),
        });
      });
    });
  });
  void send(request, plan, leave);
  return answered;
}

async function send(
  request: http.ClientRequest,
  plan: Plan,
  leave: Promise<void>,
) {
  for (const piece of plan.body) {
    request.write(piece);
    await turn();
  }
  request.end();
  if (plan.leave !== undefined) {
    await leave;
    request.destroy();
  }
}

function withoutDate(header: object): Record<string, unknown> {
  const { date: _, ...rest } = Object.fromEntries(Object.entries(header));
  return rest;
}
