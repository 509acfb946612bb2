import { STATUS_CODES } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  codeToHttpStatus,
  codeToString,
} from "@connectrpc/connect/protocol-connect";
import type { FastifyReply } from "fastify";

/**
 * Problem details (RFC 9457), what REST answers for an error, with the
 * Connect code and, where another service failed, that service and method.
 */
export interface Problem {
  /** Always `about:blank`: the status says what kind of problem it is. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** Connect's name of the code, such as `deadline_exceeded`. */
  code: string;
  service?: string;
  method?: string;
}

/**
 * Describes an error. What is no ConnectError was not expected: its message
 * stays here.
 */
export function problemFromError(error: unknown): Problem {
  const expected =
    error instanceof ConnectError
      ? error
      : new ConnectError("internal error", Code.Internal);
  return createProblem(
    codeToHttpStatus(expected.code),
    codeToString(expected.code),
    expected.rawMessage,
  );
}

/** Describes a problem of HTTP itself, such as a path that does not exist. */
export function createProblem(
  status: number,
  code: string,
  detail: string,
): Problem {
  const title =
    status === 499
      ? "Client Closed Request"
      : (STATUS_CODES[status] ?? "Error");
  return { type: "about:blank", title, status, detail, code };
}

/** Answers a problem as `application/problem+json`. */
export function sendProblem(
  reply: FastifyReply,
  problem: Problem,
): FastifyReply {
  return reply
    .code(problem.status)
    .header("content-type", "application/problem+json")
    .send(JSON.stringify(problem));
}
