import {
  Code,
  ConnectError,
  type Interceptor,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";
import type { Logger } from "./logger.js";
import { requestId } from "./request-id.js";

/**
 * Logs a line for each call that failed, with its service, method, code,
 * duration and request id. What a handler threw on purpose is `info`; what was
 * not expected is `error`, with its stack, which never leaves the log. A stream
 * that its caller left is `debug`: that is how whoever watches leaves.
 */
export function createLogInterceptor(logger: Logger): Interceptor {
  return (next) => async (req) => {
    const start = performance.now();
    const failed = (error: unknown) =>
      logFailure(logger, req, error, performance.now() - start);
    try {
      const res = await next(req);
      return res.stream
        ? { ...res, message: logStreamFailure(res.message, failed) }
        : res;
    } catch (error) {
      failed(error);
      throw error;
    }
  };
}

async function* logStreamFailure<T>(
  messages: AsyncIterable<T>,
  failed: (error: unknown) => void,
) {
  try {
    yield* messages;
  } catch (error) {
    failed(error);
    throw error;
  }
}

function logFailure(
  logger: Logger,
  req: UnaryRequest | StreamRequest,
  error: unknown,
  durationMs: number,
): void {
  const expected = error instanceof ConnectError || req.signal.aborted;
  const { code, rawMessage } = ConnectError.from(
    req.signal.aborted ? req.signal.reason : error,
    Code.Internal,
  );
  const line = {
    rpc_service: req.service.typeName,
    rpc_method: req.method.name,
    code: Code[expected ? code : Code.Internal],
    duration_ms: Math.round(durationMs * 1000) / 1000,
    request_id: req.contextValues.get(requestId),
  };
  if (req.method.methodKind.endsWith("streaming") && line.code === "Canceled") {
    logger.debug(line, "the caller left");
  } else if (expected) {
    logger.info({ ...line, reason: rawMessage }, "call failed");
  } else {
    logger.error({ ...line, err: error }, "call failed unexpectedly");
  }
}
