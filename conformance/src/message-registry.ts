import { createRegistry } from "@bufbuild/protobuf";
import { file_connectrpc_conformance_v1_service } from "./gen/connectrpc/conformance/v1/service_pb.js";

/** The messages that travel inside of an `Any`, for JSON. */
export const messageRegistry = createRegistry(
  file_connectrpc_conformance_v1_service,
);
