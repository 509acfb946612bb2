import type { Message } from "@bufbuild/protobuf";
import type { MethodImplSpec } from "@connectrpc/connect";
import {
  type Compression,
  createMethodSerializationLookup,
  type UniversalHandlerOptions,
} from "@connectrpc/connect/protocol";
import type { NodeHeaders } from "../headers/node-headers.js";

/** How the messages of a call are written: one of a method's content types. */
export interface Codec {
  readonly protocol: "grpc" | "connect";
  readonly binary: boolean;
  parse(bytes: Uint8Array): Message;
  serialize(message: Message): Uint8Array<ArrayBuffer>;
  /** The headers of a response, before anybody adds some. */
  header(compression: Compression | undefined): NodeHeaders;
}

/** What makes the codecs of a protocol and kind of call. */
interface Family {
  readonly protocol: Codec["protocol"];
  /** The content types of requests, and that of their responses. */
  readonly binary: readonly [response: string, ...requests: string[]];
  readonly json: readonly [response: string, ...requests: string[]];
  /** Announces the compression, where that is done before any is used. */
  readonly encodingHeader: string | undefined;
}

// Other spellings that connect-es takes too are not worth a lookup.
const grpc: Family = {
  protocol: "grpc",
  binary: [
    "application/grpc+proto",
    "application/grpc+proto",
    "application/grpc",
  ],
  json: ["application/grpc+json", "application/grpc+json"],
  encodingHeader: "grpc-encoding",
};
const connectUnary: Family = {
  protocol: "connect",
  binary: ["application/proto", "application/proto"],
  json: [
    "application/json",
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=utf-8",
  ],
  encodingHeader: undefined,
};
const connectStream: Family = {
  protocol: "connect",
  binary: ["application/connect+proto", "application/connect+proto"],
  json: ["application/connect+json", "application/connect+json"],
  encodingHeader: "connect-content-encoding",
};

/** Makes the codecs of a method, by the content type of the request. */
export function createCodecs(
  { kind, method }: MethodImplSpec,
  options: UniversalHandlerOptions,
  enabled: { grpc: boolean; connect: boolean },
): ReadonlyMap<string, Codec> {
  const lookup = createMethodSerializationLookup(
    method,
    options.binaryOptions,
    options.jsonOptions,
    options,
  );
  const codecs = new Map<string, Codec>();
  const add = ({ protocol, encodingHeader, ...types }: Family) => {
    for (const format of ["binary", "json"] as const) {
      const binary = format === "binary";
      const [response, ...requests] = types[format];
      const codec: Codec = {
        protocol,
        binary,
        parse: lookup.getI(binary).parse,
        serialize: lookup.getO(binary).serialize,
        header: createHeaders(response, encodingHeader),
      };
      for (const contentType of requests) {
        codecs.set(contentType, codec);
      }
    }
  };
  if (enabled.grpc) {
    add(grpc);
  }
  if (enabled.connect) {
    add(kind === "unary" ? connectUnary : connectStream);
  }
  return codecs;
}

/** The headers are the same for all calls, so that they are made once. */
function createHeaders(
  contentType: string,
  encodingHeader: string | undefined,
): Codec["header"] {
  const plain = { "content-type": contentType };
  const byName = new Map<string, NodeHeaders>();
  return (compression) => {
    if (compression === undefined || encodingHeader === undefined) {
      return plain;
    }
    const { name } = compression;
    let header = byName.get(name);
    if (header === undefined) {
      header = { ...plain, [encodingHeader]: name };
      byName.set(name, header);
    }
    return header;
  };
}
