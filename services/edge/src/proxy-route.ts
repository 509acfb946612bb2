import { ProxyRequestSchema } from "@both-ends/gen/edge/v1/edge_service_pb.js";
import {
  type Admission,
  acceptRequestId,
  createProblem,
  type Logger,
  problemFromError,
  requestId,
  requestIdHeader,
  retryAfterSeconds,
  sendProblem,
} from "@both-ends/service";
import { create } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import { Code, ConnectError, createContextValues } from "@connectrpc/connect";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  failedMethodHeader,
  failedServiceHeader,
  type ProxyCall,
} from "./proxy.js";

/**
 * Adds `GET /proxy/<name>/`, with and without the last slash: the proxy over
 * REST. Errors are problems with the status that Connect gives their code.
 */
export function registerProxyRoute(
  app: FastifyInstance,
  options: { admission: Admission; logger: Logger; proxy: ProxyCall },
): void {
  const { admission, logger, proxy } = options;
  const validator = createValidator();

  async function handle(req: FastifyRequest, reply: FastifyReply) {
    const id = acceptRequestId(req.headers[requestIdHeader]?.toString());
    reply.header(requestIdHeader, id);
    const leave = admission.enter();
    if (leave === undefined) {
      reply.header("retry-after", retryAfterSeconds);
      return sendProblem(
        reply,
        createProblem(503, "unavailable", "the server is busy"),
      );
    }
    const caller = new AbortController();
    reply.raw.once("close", () => {
      if (!reply.raw.writableFinished) {
        caller.abort(new ConnectError("the caller left", Code.Canceled));
      }
    });
    try {
      // The path has one parameter.
      const { name = "" } = req.params as { name?: string };
      const request = create(ProxyRequestSchema, { name });
      const checked = validator.validate(ProxyRequestSchema, request);
      if (checked.kind !== "valid") {
        throw new ConnectError(checked.error.message, Code.InvalidArgument);
      }
      const result = await proxy(name, {
        signal: caller.signal,
        contextValues: createContextValues().set(requestId, id),
      });
      return await reply.send({
        name: result.name,
        reversed_name: result.reversedName,
        time: result.time,
      });
    } catch (error) {
      const problem = problemFromError(error);
      if (error instanceof ConnectError) {
        problem.service = error.metadata.get(failedServiceHeader) ?? undefined;
        problem.method = error.metadata.get(failedMethodHeader) ?? undefined;
        logger.info({ problem, request_id: id }, "proxy failed");
      } else {
        logger.error(
          { err: error, request_id: id },
          "proxy failed unexpectedly",
        );
      }
      return sendProblem(reply, problem);
    } finally {
      leave();
    }
  }

  for (const url of ["/proxy/:name", "/proxy/:name/"]) {
    app.get(url, handle);
    app.route({
      method: ["POST", "PUT", "PATCH", "DELETE"],
      url,
      handler: (req, reply) =>
        sendProblem(
          reply.header("allow", "GET, HEAD"),
          createProblem(
            405,
            "unimplemented",
            `${req.method} is not supported here`,
          ),
        ),
    });
  }
}
