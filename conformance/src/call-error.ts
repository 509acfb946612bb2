import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import { type Code, ConnectError } from "@connectrpc/connect";
import type {
  Error as ErrorMessage,
  ErrorSchema,
} from "./gen/connectrpc/conformance/v1/service_pb.js";

const typePrefix = "type.googleapis.com/";

/** The error that a handler throws, from its description and more details. */
export function toConnectError(
  message: ErrorMessage,
  ...details: Any[]
): ConnectError {
  // Both enumerations number the codes of the protocols alike.
  const code = message.code as number as Code;
  const error = new ConnectError(message.message ?? "", code);
  error.details = [...message.details, ...details].map((any) => ({
    type: any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1),
    value: any.value,
  }));
  return error;
}

/** What a call failed with, for the runner. */
export function toErrorMessage(
  error: ConnectError,
): MessageInitShape<typeof ErrorSchema> {
  return {
    // As above.
    code: error.code as number,
    message: error.rawMessage,
    details: error.details.map((detail) =>
      "desc" in detail
        ? anyPack(detail.desc, create(detail.desc, detail.value))
        : { typeUrl: `${typePrefix}${detail.type}`, value: detail.value },
    ),
  };
}
