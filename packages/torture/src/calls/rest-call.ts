import { type Agent as HttpAgent, get as httpGet } from "node:http";
import { type Agent as HttpsAgent, get as httpsGet } from "node:https";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  codeFromHttpStatus,
  codeFromString,
} from "@connectrpc/connect/protocol-connect";
import type { Call } from "./call.js";
import { checkReversed } from "./check-reversed.js";

/** An answer larger than this is not one of edge's. */
const maxAnswerBytes = 64 * 1024;

/**
 * Creates the call of `GET /proxy/<name>/`. What fails throws a ConnectError
 * of the problem's code, or of the code that Connect gives the status.
 */
export function createRestCall(
  baseUrl: string,
  { agent, timeoutMs }: { agent: HttpAgent | HttpsAgent; timeoutMs: number },
): Call {
  return async ({ names: [name = ""] }, exchange) => {
    const url = new URL(`/proxy/${encodeURIComponent(name)}/`, baseUrl);
    exchange.sent++;
    const { status, body } = await read(url, agent, timeoutMs);
    if (status !== 200) {
      throw problemError(status, body);
    }
    exchange.received++;
    const answer = parseObject(body);
    return typeof answer.reversed_name === "string" && answer.name === name
      ? checkReversed(name, answer.reversed_name)
      : `answered ${body.slice(0, 100)}`;
  };
}

function read(
  url: URL,
  agent: HttpAgent | HttpsAgent,
  timeoutMs: number,
): Promise<{ status: number; body: string }> {
  const get = url.protocol === "https:" ? httpsGet : httpGet;
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
        if (body.length > maxAnswerBytes) {
          request.destroy(
            new ConnectError("answer is too large", Code.ResourceExhausted),
          );
        }
      });
      response.on("error", reject);
      response.on("end", () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
    const timer = setTimeout(() => {
      request.destroy(
        new ConnectError(
          `no answer within ${timeoutMs} ms`,
          Code.DeadlineExceeded,
        ),
      );
    }, timeoutMs);
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(
        error instanceof ConnectError
          ? error
          : new ConnectError(error.message, Code.Unavailable),
      );
    });
  });
}

function problemError(status: number, body: string): ConnectError {
  const { code, detail } = parseObject(body);
  return new ConnectError(
    typeof detail === "string" ? detail : `HTTP ${status}`,
    (typeof code === "string" ? codeFromString(code) : undefined) ??
      codeFromHttpStatus(status),
  );
}

/** The members of a JSON object; none if it is no such thing. */
function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
