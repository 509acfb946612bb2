import type { IncomingHttpHeaders } from "node:http2";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type UnaryResponse } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import {
  headerGrpcStatus,
  requestHeaderWithCompression,
  validateResponseWithCompression,
  validateTrailer,
} from "@connectrpc/connect/protocol-grpc";
import {
  type Envelope,
  EnvelopeReader,
  readWholeEnvelope,
  writeEnvelope,
} from "./envelope-reader.js";
import type { ResponseFields, ResponseReader } from "./exchange.js";
import { toFields, toHeaders, toTrailers } from "./header-fields.js";
import type { Lane } from "./lane.js";
import { LaneResponse } from "./lane-response.js";
import type { LaneSettings } from "./lane-settings.js";
import { type MethodPlan, targetFor } from "./method-plan.js";

/** Creates the lane for unary calls of gRPC. */
export function createGrpcLane(settings: LaneSettings): Lane {
  const { useBinaryFormat, acceptCompression } = settings;
  const makeHeader: Lane["makeHeader"] = (timeoutMs, given) =>
    requestHeaderWithCompression(
      useBinaryFormat,
      timeoutMs,
      given,
      acceptCompression,
      null,
    );
  const commonFields = toFields(makeHeader(undefined));
  return {
    makeHeader,
    encode(plan, req, timeoutMs) {
      const body = writeEnvelope(plan.serialize(req.message));
      const { header } = req;
      const fields =
        header !== undefined
          ? toFields(header)
          : timeoutMs === undefined
            ? commonFields
            : { ...commonFields, "grpc-timeout": `${timeoutMs}m` };
      const { path } = targetFor(plan, req.url, settings);
      return { method: "POST", path, fields, body };
    },
    decode: (plan) => new GrpcResponseReader(plan, settings),
  };
}

/** Reads a unary response, with connect-es's own word on all that is not plain. */
class GrpcResponseReader<I extends DescMessage, O extends DescMessage>
  implements ResponseReader<UnaryResponse<I, O>>
{
  readonly #plan: MethodPlan<I, O>;
  readonly #settings: LaneSettings;
  #fields: ResponseFields = {};
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

  headers(fields: ResponseFields): void {
    this.#fields = fields;
    if (!isPlain(fields)) {
      const { compression, headerError } = validateResponseWithCompression(
        this.#settings.acceptCompression,
        fields[":status"] ?? 0,
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
    for (const envelope of this.#envelopes.read(chunk)) {
      if (this.#work !== undefined || envelope.compressed) {
        this.#work = this.#decompress(envelope, this.#work);
      } else {
        this.#accept(envelope.data);
      }
    }
    return this.#work;
  }

  end(
    trailers: IncomingHttpHeaders | undefined,
  ): UnaryResponse<I, O> | Promise<UnaryResponse<I, O>> {
    return this.#work === undefined
      ? this.#respond(trailers)
      : this.#work.then(() => this.#respond(trailers));
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

  #respond(trailers: IncomingHttpHeaders | undefined): UnaryResponse<I, O> {
    if (this.#envelopes !== undefined && this.#envelopes.leftBytes > 0) {
      // connect-es says invalid_argument, which would blame the request.
      throw new ConnectError(
        "protocol error: incomplete envelope",
        Code.Internal,
      );
    }
    const fields = this.#fields;
    if (
      trailers?.["grpc-status"] !== "0" ||
      trailers["grpc-status-details-bin"] !== undefined
    ) {
      validateTrailer(toTrailers(trailers), toHeaders(fields));
    }
    if (this.#message === undefined) {
      throw (
        this.#headerError ??
        new ConnectError(
          "protocol error: missing output message for unary method",
          toTrailers(trailers).has(headerGrpcStatus)
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
    return new LaneResponse(
      this.#plan.method,
      this.#message,
      () => toHeaders(fields),
      () => toTrailers(trailers),
    );
  }
}

/** Whether there is nothing in the headers but what nearly all responses have. */
function isPlain(fields: ResponseFields): boolean {
  const type = fields["content-type"];
  return (
    fields[":status"] === 200 &&
    (type === "application/grpc+proto" || type === "application/grpc") &&
    fields["grpc-encoding"] === undefined &&
    fields["grpc-status"] === undefined &&
    fields["grpc-status-details-bin"] === undefined
  );
}
