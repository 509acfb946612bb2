import type {
  BinaryReadOptions,
  BinaryWriteOptions,
  JsonReadOptions,
  JsonWriteOptions,
} from "@bufbuild/protobuf";
import type { Compression } from "@connectrpc/connect/protocol";
import type { ClientConnections } from "../http2/client-connections.js";

/** The options of a transport, with their defaults. */
export interface LaneSettings {
  readonly connections: ClientConnections;
  readonly baseUrl: string;
  readonly useBinaryFormat: boolean;
  readonly useHttpGet: boolean;
  readonly acceptCompression: Compression[];
  readonly readMaxBytes: number;
  readonly writeMaxBytes: number;
  readonly jsonOptions: Partial<JsonReadOptions & JsonWriteOptions> | undefined;
  readonly binaryOptions:
    | Partial<BinaryReadOptions & BinaryWriteOptions>
    | undefined;
}
