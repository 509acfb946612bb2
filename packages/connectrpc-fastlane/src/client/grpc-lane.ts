import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type UnaryResponse } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import {
  headerGrpcStatus,
  requestHeaderWithCompression,
  validateResponseWithCompression,
  validateTrailer,
} from "@connectrpc/connect/protocol-grpc";
import { LaneHeaders } from "../headers/lane-headers.js";
import {
  type Envelope,
  EnvelopeReader,
  readWholeEnvelope,
  writeEnvelope,
} from "./envelope-reader.js";
import type { ResponseReader } from "./exchange.js";
import { onlyValue, toFields, toHeaders, toTrailers } from "./header-fields.js";
import type { Lane } from "./lane.js";
import { LaneResponse, type ResponseParts } from "./lane-response.js";
import type { LaneSettings } from "./lane-settings.js";
import {
  type MethodPlan,
  pathFor,
  pseudoFields,
  timedFields,
} from "./method-plan.js";
import { grpcTimeout } from "./timeout-value.js";

const timeoutField = "grpc-timeout";

/** Creates the lane for unary calls of gRPC. */
export function createGrpcLane(settings: LaneSettings): Lane {
  const { useBinaryFormat, acceptCompression } = settings;
  const makeStockHeader = (
    timeoutMs?: number,
    given?: Parameters<Lane["makeHeader"]>[1],
  ) => {
    const header = requestHeaderWithCompression(
      useBinaryFormat,
      timeoutMs,
      given,
      acceptCompression,
      null,
    );
    if (timeoutMs !== undefined) {
      header.set(timeoutField, grpcTimeout(timeoutMs));
    }
    return header;
  };
  const common = Object.fromEntries(makeStockHeader());
  return {
    commonFields: Object.entries(common).flat(),
    makeHeader: (timeoutMs, given) =>
      given !== undefined
        ? makeStockHeader(timeoutMs, given)
        : new LaneHeaders(
            timeoutMs === undefined
              ? common
              : { ...common, [timeoutField]: grpcTimeout(timeoutMs) },
          ),
    encode(plan, req, timeoutMs) {
      const body = writeEnvelope(plan.serialize(req.message));
      const { header, url } = req;
      if (header === undefined && url === plan.url) {
        const fields =
          timeoutMs === undefined
            ? plan.fields
            : timedFields(plan, timeoutMs, timeoutField, grpcTimeout);
        return { fields, body };
      }
      const path = pathFor(plan, url, settings);
      const head = pseudoFields(settings, "POST", path);
      return {
        fields: toFields(head, header ?? this.makeHeader(timeoutMs)),
        body,
      };
    },
    decode: (plan) => new GrpcResponseReader(plan, settings),
  };
}

/** Reads a unary response, with connect-es's own word on all that is not plain. */
class GrpcResponseReader<I extends DescMessage, O extends DescMessage>
  implements ResponseReader<UnaryResponse<I, O>>, ResponseParts
{
  readonly #plan: MethodPlan<I, O>;
  readonly #settings: LaneSettings;
  #fields: readonly string[] = [];
  #trailers: readonly string[] | undefined;
  #compression: Compression | undefined;
  #headerError: ConnectError | undefined;
  #envelopes: EnvelopeReader | undefined;
  #message: MessageShape<O> | undefined;
  /** What is being decompressed, and what waits for it. */
  #work: Promise<void> | undefined;

  constructor(plan: MethodPlan<I, O>, settings: LaneSettings) {
    this.#plan = plan;
    this.#settings = settings;
  }

  get header(): Headers {
    return toHeaders(this.#fields);
  }

  get trailer(): Headers {
    return toTrailers(this.#trailers);
  }

  headers(fields: readonly string[]): void {
    this.#fields = fields;
    if (!isPlain(fields)) {
      const { compression, headerError } = validateResponseWithCompression(
        this.#settings.acceptCompression,
        Number(fields[1]),
        toHeaders(fields),
      );
      this.#compression = compression;
      this.#headerError = headerError;
    }
  }

  data(chunk: Uint8Array): Promise<void> | undefined {
    const { readMaxBytes } = this.#settings;
    if (this.#envelopes === undefined && this.#message === undefined) {
      const data = readWholeEnvelope(chunk, readMaxBytes);
      if (data !== undefined) {
        this.#message = this.#plan.parse(data);
        return undefined;
      }
    }
    this.#envelopes ??= new EnvelopeReader(readMaxBytes);
    try {
      for (const envelope of this.#envelopes.read(chunk)) {
        if (this.#work !== undefined || envelope.compressed) {
          this.#work = this.#decompress(envelope, this.#work);
        } else {
          this.#accept(envelope.data);
        }
      }
    } catch (error) {
      if (this.#work === undefined) {
        throw error;
      }
      // What is wrong with a message before counts more.
      this.#work = this.#work.then(() => {
        throw error;
      });
    }
    return this.#work;
  }

  end(
    trailers: readonly string[] | undefined,
  ): UnaryResponse<I, O> | Promise<UnaryResponse<I, O>> {
    this.#trailers = trailers;
    return this.#work === undefined
      ? this.#respond()
      : this.#work.then(() => this.#respond());
  }

  async #decompress(
    { compressed, data }: Envelope,
    before: Promise<void> | undefined,
  ): Promise<void> {
    await before;
    if (!compressed) {
      this.#accept(data);
      return;
    }
    if (this.#compression === undefined) {
      throw new ConnectError(
        "received compressed envelope, but do not know how to decompress",
        Code.Internal,
      );
    }
    const { readMaxBytes } = this.#settings;
    this.#accept(await this.#compression.decompress(data, readMaxBytes));
  }

  #accept(data: Uint8Array): void {
    const message = this.#plan.parse(data);
    if (this.#message !== undefined) {
      throw new ConnectError(
        "protocol error: received extra output message for unary method",
        Code.Unimplemented,
      );
    }
    this.#message = message;
  }

  #respond(): UnaryResponse<I, O> {
    if (this.#envelopes !== undefined && this.#envelopes.leftBytes > 0) {
      // connect-es says invalid_argument, which would blame the request.
      throw new ConnectError(
        "protocol error: incomplete envelope",
        Code.Internal,
      );
    }
    if (!isSuccess(this.#trailers)) {
      validateTrailer(this.trailer, this.header);
    }
    if (this.#message === undefined) {
      throw (
        this.#headerError ??
        new ConnectError(
          "protocol error: missing output message for unary method",
          this.trailer.has(headerGrpcStatus)
            ? Code.Unimplemented
            : Code.Unknown,
        )
      );
    }
    if (this.#headerError !== undefined) {
      throw new ConnectError(
        "protocol error: received output message for unary method with error status",
        Code.Unknown,
      );
    }
    return new LaneResponse(this.#plan.method, this.#message, this);
  }
}

/** Whether there is nothing in the headers but what nearly all responses have. */
function isPlain(fields: readonly string[]): boolean {
  let plainType = false;
  for (let i = 2; i < fields.length; i += 2) {
    switch (fields[i]) {
      case "content-type": {
        const type = fields[i + 1];
        if (
          plainType ||
          (type !== "application/grpc+proto" && type !== "application/grpc")
        ) {
          return false;
        }
        plainType = true;
        break;
      }
      case "grpc-encoding":
      case "grpc-status":
      case "grpc-status-details-bin":
        return false;
    }
  }
  return plainType && fields[1] === "200";
}

/** Whether the trailers say OK, and nothing that could say otherwise. */
function isSuccess(trailers: readonly string[] | undefined): boolean {
  return (
    trailers !== undefined &&
    onlyValue(trailers, "grpc-status") === "0" &&
    !trailers.includes("grpc-status-details-bin")
  );
}
