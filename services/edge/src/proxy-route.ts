import { ProxyRequestSchema } from "@both-ends/gen/edge/v1/edge_service_pb.js";
import {
  acceptRequestId,
  createProblem,
  type Logger,
  problemFromError,
  requestId,
  requestIdHeader,
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
  proxy: ProxyCall,
  logger: Logger,
): void {
  const validator = createValidator();

  async function handle(req: FastifyRequest, reply: FastifyReply) {
    const id = acceptRequestId(req.headers[requestIdHeader]?.toString());
    reply.header(requestIdHeader, id);
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
