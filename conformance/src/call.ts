import {
  create,
  type DescMessage,
  type MessageShape,
} from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { type CallOptions, ConnectError } from "@connectrpc/connect";
import { toErrorMessage } from "./call-error.js";
import {
  type ClientCompatRequest,
  type ClientResponseResult,
  ClientResponseResultSchema,
} from "./gen/connectrpc/conformance/v1/client_compat_pb.js";
import {
  type ConformancePayload,
  ConformancePayloadSchema,
  ErrorSchema,
  HeaderSchema,
} from "./gen/connectrpc/conformance/v1/service_pb.js";
import { appendHeaders, toHeaderMessages } from "./metadata.js";

/** A call that the runner asks for, and what comes of it. */
export interface Call {
  readonly result: ClientResponseResult;
  /** What the client's method is called with. */
  readonly options: CallOptions;
  /** The messages to send. Throws if one is not of the type. */
  messages<Desc extends DescMessage>(desc: Desc): MessageShape<Desc>[];
  /** Notes a response; cancels if it was the last one wanted. */
  received(response: { payload?: ConformancePayload }): void;
  /** To be called when everything is sent and nothing closed. */
  beforeCloseSend(): void;
  /** To be called when the sending side is closed. */
  afterCloseSend(): void;
  /** Notes what the call failed with. */
  failed(error: unknown): void;
}

/** Prepares a call: its headers, its timeout, and when it is to be cancelled. */
export function createCall(request: ClientCompatRequest): Call {
  const controller = new AbortController();
  const result = create(ClientResponseResultSchema);
  const timing = request.cancel?.cancelTiming;
  const headers = new Headers();
  appendHeaders(headers, request.requestHeaders);
  return {
    result,
    options: {
      headers,
      timeoutMs: request.timeoutMs,
      signal: controller.signal,
      onHeader(header) {
        result.responseHeaders = toMessages(header);
      },
      onTrailer(trailer) {
        result.responseTrailers = toMessages(trailer);
      },
    },
    messages: (desc) =>
      request.requestMessages.map((any) => {
        const message = anyUnpack(any, desc);
        if (message === undefined) {
          throw new Error(`${any.typeUrl} is no ${desc.typeName}`);
        }
        return message;
      }),
    received({ payload = create(ConformancePayloadSchema) }) {
      result.payloads.push(payload);
      if (
        timing?.case === "afterNumResponses" &&
        timing.value === result.payloads.length
      ) {
        controller.abort();
      }
    },
    beforeCloseSend() {
      if (timing?.case === "beforeCloseSend") {
        controller.abort();
      }
    },
    afterCloseSend() {
      if (timing?.case === "afterCloseSendMs") {
        setTimeout(() => controller.abort(), timing.value);
      } else if (timing !== undefined && timing.case === undefined) {
        controller.abort();
      }
    },
    failed(reason) {
      const error = ConnectError.from(reason);
      result.error = create(ErrorSchema, toErrorMessage(error));
      // An error does not tell its headers from its trailers; the suite takes
      // them as either.
      const metadata = toMessages(error.metadata);
      if (result.responseHeaders.length === 0) {
        result.responseHeaders = metadata;
      }
      result.responseTrailers = metadata;
    },
  };
}

function toMessages(fields: Headers) {
  return toHeaderMessages(fields).map((field) => create(HeaderSchema, field));
}
