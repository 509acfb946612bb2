import type { DescMessage } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import {
  appendHeaders,
  Code,
  ConnectError,
  type UnaryResponse,
} from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import {
  errorFromJsonBytes,
  headerUnaryEncoding,
  requestHeaderWithCompression,
  trailerDemux,
  validateResponseWithCompression,
} from "@connectrpc/connect/protocol-connect";
import { transformToGet } from "./connect-get.js";
import type { ResponseFields, ResponseReader } from "./exchange.js";
import { toFields, toHeaders } from "./header-fields.js";
import type { Lane } from "./lane.js";
import { LaneResponse } from "./lane-response.js";
import type { LaneSettings } from "./lane-settings.js";
import { type MethodPlan, targetFor } from "./method-plan.js";

/** Creates the lane for unary calls of Connect. */
export function createConnectLane(settings: LaneSettings): Lane {
  const { useBinaryFormat, useHttpGet, acceptCompression } = settings;
  const makeHeader: Lane["makeHeader"] = (timeoutMs, given) =>
    requestHeaderWithCompression(
      "unary",
      useBinaryFormat,
      timeoutMs,
      given,
      acceptCompression,
      null,
      true,
    );
  const commonFields = toFields(makeHeader(undefined));
  return {
    makeHeader,
    encode(plan, req, timeoutMs) {
      const body = plan.serialize(req.message);
      const { header } = req;
      header?.delete(headerUnaryEncoding);
      if (
        useHttpGet &&
        plan.method.idempotency ===
          MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS
      ) {
        return transformToGet(
          targetFor(plan, req.url, settings),
          header ?? makeHeader(timeoutMs),
          body,
          useBinaryFormat,
        );
      }
      const fields =
        header !== undefined
          ? toFields(header)
          : timeoutMs === undefined
            ? commonFields
            : { ...commonFields, "connect-timeout-ms": `${timeoutMs}` };
      const { path } = targetFor(plan, req.url, settings);
      return { method: req.requestMethod, path, fields, body };
    },
    decode: (plan) => new ConnectResponseReader(plan, settings),
  };
}

/** Reads a unary response, with connect-es's own word on all that is not plain. */
class ConnectResponseReader<I extends DescMessage, O extends DescMessage>
  implements ResponseReader<UnaryResponse<I, O>>
{
  readonly #plan: MethodPlan<I, O>;
  readonly #settings: LaneSettings;
  readonly #chunks: Uint8Array[] = [];
  #fields: ResponseFields = {};
  #compression: Compression | undefined;
  #unaryError: ConnectError | undefined;
  #promisedBytes: number | undefined;
  #bytes = 0;

  constructor(plan: MethodPlan<I, O>, settings: LaneSettings) {
    this.#plan = plan;
    this.#settings = settings;
  }

  headers(fields: ResponseFields): void {
    const { acceptCompression, readMaxBytes, useBinaryFormat } = this.#settings;
    this.#fields = fields;
    if (!isPlain(fields, useBinaryFormat)) {
      const { compression, unaryError } = validateResponseWithCompression(
        "unary",
        acceptCompression,
        useBinaryFormat,
        fields[":status"] ?? 0,
        toHeaders(fields),
      );
      this.#compression = compression;
      this.#unaryError = unaryError;
    }
    const promised = Number.parseInt(fields["content-length"] ?? "", 10);
    if (Number.isSafeInteger(promised) && promised >= 0) {
      if (promised > readMaxBytes) {
        throw new ConnectError(
          `message size ${promised} is larger than configured readMaxBytes ${readMaxBytes}`,
          Code.ResourceExhausted,
        );
      }
      this.#promisedBytes = promised;
    }
  }

  data(chunk: Uint8Array): undefined {
    const { readMaxBytes } = this.#settings;
    this.#bytes += chunk.byteLength;
    if (this.#promisedBytes !== undefined) {
      if (this.#bytes > this.#promisedBytes) {
        throw this.#brokenPromise(this.#promisedBytes);
      }
    } else if (this.#bytes > readMaxBytes) {
      throw new ConnectError(
        `message size is larger than configured readMaxBytes ${readMaxBytes}`,
        Code.ResourceExhausted,
      );
    }
    this.#chunks.push(chunk);
  }

  end(): UnaryResponse<I, O> | Promise<UnaryResponse<I, O>> {
    const promised = this.#promisedBytes;
    if (promised !== undefined && this.#bytes < promised) {
      throw this.#brokenPromise(promised);
    }
    const body = join(this.#chunks, this.#bytes);
    return this.#compression === undefined
      ? this.#respond(body)
      : this.#compression
          .decompress(body, this.#settings.readMaxBytes)
          .then((bytes) => this.#respond(bytes));
  }

  #respond(body: Uint8Array): UnaryResponse<I, O> {
    const fields = this.#fields;
    let parts: [header: Headers, trailer: Headers] | undefined;
    const split = () => {
      parts ??= trailerDemux(toHeaders(fields));
      return parts;
    };
    if (this.#unaryError !== undefined) {
      throw errorFromJsonBytes(
        body,
        appendHeaders(...split()),
        this.#unaryError,
      );
    }
    return new LaneResponse(
      this.#plan.method,
      this.#plan.parse(body),
      () => split()[0],
      () => split()[1],
    );
  }

  /** connect-es says invalid_argument, which would blame the request. */
  #brokenPromise(promised: number): ConnectError {
    return new ConnectError(
      `protocol error: promised ${promised} bytes, received ${this.#bytes}`,
      Code.Internal,
    );
  }
}

/** Whether there is nothing in the headers but what nearly all responses have. */
function isPlain(fields: ResponseFields, useBinaryFormat: boolean): boolean {
  const type = useBinaryFormat ? "application/proto" : "application/json";
  return (
    fields[":status"] === 200 &&
    fields["content-type"] === type &&
    fields["content-encoding"] === undefined
  );
}

/** A copy: a chunk is a part of memory that other streams share. */
function join(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}
