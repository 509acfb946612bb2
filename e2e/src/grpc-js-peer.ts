import { readFileSync } from "node:fs";
import {
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonObject,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import {
  type Call,
  Client,
  compressionAlgorithms,
  credentials,
  Metadata,
  type StatusObject,
  status,
} from "@grpc/grpc-js";
import type {
  Peer,
  PeerCall,
  PeerOutcome,
  PeerTarget,
  StartPeer,
} from "./peer.js";

/** Starts a generic client of @grpc/grpc-js, with schemas from our own code. */
export const startGrpcJsPeer: StartPeer = (t, target) => {
  const open = (options: Record<string, number> = {}) => {
    const client = new Client(
      target.address,
      channelCredentials(target),
      options,
    );
    t.after(() => client.close());
    return client;
  };
  const plain = open();
  const gzip = open({
    "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
  });
  const peer: Peer = {
    call: (call) => observe(call.gzip ? gzip : plain, call),
  };
  return peer;
};

function channelCredentials({ ca, client }: PeerTarget) {
  return ca === undefined
    ? credentials.createInsecure()
    : credentials.createSsl(
        readFileSync(ca),
        client && readFileSync(client.key),
        client && readFileSync(client.cert),
      );
}

function observe(client: Client, spec: PeerCall): Promise<PeerOutcome> {
  return new Promise((resolve) => {
    const responses: JsonObject[] = [];
    let header: Record<string, string> = {};
    const { call, send } = start(client, spec, (response) => {
      responses.push(response);
      if (responses.length === spec.cancelAfterResponses) {
        call.cancel();
      } else {
        send();
      }
    });
    call.on("metadata", (metadata: Metadata) => {
      header = textMetadata(metadata);
    });
    call.on("status", ({ code, details, metadata }: StatusObject) => {
      clearTimeout(timer);
      resolve({
        code: status[code],
        message: details,
        responses,
        header,
        trailer: textMetadata(metadata),
        details: code === status.OK ? [] : detailsOf(code, metadata),
      });
    });
    const { cancelAfterMs } = spec;
    const timer =
      cancelAfterMs === undefined
        ? undefined
        : setTimeout(() => call.cancel(), cancelAfterMs);
    send();
  });
}

/**
 * Starts a call. The requests of a stream in both directions are sent one by
 * one, by `send`, when the one before has been answered.
 */
function start(
  client: Client,
  { method, requests, metadata = {}, timeoutMs = 20_000 }: PeerCall,
  take: (response: JsonObject) => void,
): { call: Call; send: () => void } {
  const path = `/${method.parent.typeName}/${method.name}`;
  const messages = requests.map((json) => fromJson(method.input, json));
  const [first] = messages;
  const sent = new Metadata();
  for (const [name, value] of Object.entries(metadata)) {
    sent.set(name, value);
  }
  const options = { deadline: Date.now() + timeoutMs };
  const answered = (_error: unknown, response?: JsonObject) => {
    if (response !== undefined) {
      take(response);
    }
  };
  const serialize = serializerOf(method.input);
  const deserialize = deserializerOf(method.output);
  const how = [path, serialize, deserialize] as const;
  switch (method.methodKind) {
    case "unary":
      return {
        call: client.makeUnaryRequest(...how, first, sent, options, answered),
        send() {},
      };
    case "server_streaming":
      return {
        call: client
          .makeServerStreamRequest(...how, first, sent, options)
          .on("data", take)
          .on("error", ignore),
        send() {},
      };
    case "client_streaming": {
      const call = client.makeClientStreamRequest(
        ...how,
        sent,
        options,
        answered,
      );
      call.on("error", ignore);
      for (const message of messages) {
        call.write(message);
      }
      call.end();
      return { call, send() {} };
    }
    case "bidi_streaming": {
      const call = client.makeBidiStreamRequest(...how, sent, options);
      call.on("data", take).on("error", ignore);
      const send = () => {
        const message = messages.shift();
        if (message === undefined) {
          call.end();
        } else {
          call.write(message);
        }
      };
      return { call, send };
    }
  }
}

/** Streams have their errors as an event, too; the status says the same. */
function ignore(): void {}

function serializerOf(schema: DescMessage) {
  return (message: Message | undefined) =>
    message === undefined
      ? Buffer.alloc(0)
      : Buffer.from(toBinary(schema, message));
}

function deserializerOf(schema: DescMessage) {
  return (bytes: Buffer) =>
    // Messages are objects in JSON, but for well-known types that no RPC has.
    toJson(schema, fromBinary(schema, bytes)) as JsonObject;
}

function textMetadata(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata.getMap()).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value]] : [],
    ),
  );
}

/** The details as connect-es reads them; grpc-js has no reader of its own. */
function detailsOf(code: status, metadata: Metadata): PeerOutcome["details"] {
  const [bytes] = metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Buffer)) {
    return [];
  }
  const error = findTrailerError(
    new Headers({
      "grpc-status": String(code),
      "grpc-status-details-bin": bytes.toString("base64"),
    }),
  );
  return (error?.details ?? []).flatMap((detail) =>
    "type" in detail
      ? [
          {
            type: detail.type,
            value: Buffer.from(detail.value).toString("base64"),
          },
        ]
      : [],
  );
}
