// nice-grpc (on grpc-js) with nice-grpc-prometheus.
import { createServer as createHttp1Server } from "node:http";
import {
  type RevertNameRequest,
  RevertNameRequestSchema,
  type RevertNameResponse,
  RevertNameResponseSchema,
} from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import { createServer, ServerError, Status } from "nice-grpc";
import { prometheusServerMiddleware, registry } from "nice-grpc-prometheus";
import { listen, tell } from "./announce.js";
import { reverseGraphemes } from "./reverse-graphemes.js";

const service = {
  revertName: {
    path: "/revertname.v1.RevertNameService/RevertName",
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: RevertNameRequest) =>
      toBinary(RevertNameRequestSchema, message),
    requestDeserialize: (bytes: Uint8Array) =>
      fromBinary(RevertNameRequestSchema, bytes),
    responseSerialize: (message: RevertNameResponse) =>
      toBinary(RevertNameResponseSchema, message),
    responseDeserialize: (bytes: Uint8Array) =>
      fromBinary(RevertNameResponseSchema, bytes),
    options: {},
  },
} as const;

const validator = createValidator();
const server = createServer().use(prometheusServerMiddleware());
server.add(service, {
  async revertName(request: RevertNameRequest) {
    const { kind, error } = validator.validate(
      RevertNameRequestSchema,
      request,
    );
    if (kind !== "valid") {
      throw new ServerError(Status.INVALID_ARGUMENT, error.message);
    }
    return create(RevertNameResponseSchema, {
      reversedName: reverseGraphemes(request.name),
    });
  },
});
const metricsPort = await listen(
  createHttp1Server(async (_, res) => res.end(await registry.metrics())),
);
tell(await server.listen("127.0.0.1:0"), metricsPort);
