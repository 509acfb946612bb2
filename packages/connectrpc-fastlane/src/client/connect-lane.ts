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
import { LaneHeaders } from "../headers/lane-headers.js";
import { transformToGet } from "./connect-get.js";
import type { ResponseReader } from "./exchange.js";
import { onlyValue, toFields, toHeaders } from "./header-fields.js";
import type { Lane } from "./lane.js";
import { LaneResponse, type ResponseParts } from "./lane-response.js";
import type { LaneSettings } from "./lane-settings.js";
import {
  type MethodPlan,
  pathFor,
  pseudoFields,
  timedFields,
} from "./method-plan.js";
import { connectTimeout } from "./timeout-value.js";

const timeoutField = "connect-timeout-ms";

/** Creates the lane for unary calls of Connect. */
export function createConnectLane(settings: LaneSettings): Lane {
  const { useBinaryFormat, useHttpGet, acceptCompression } = settings;
  const makeStockHeader = (
    timeoutMs?: number,
    given?: Parameters<Lane["makeHeader"]>[1],
  ) => {
    const header = requestHeaderWithCompression(
      "unary",
      useBinaryFormat,
      timeoutMs,
      given,
      acceptCompression,
      null,
      true,
    );
    if (timeoutMs !== undefined) {
      header.set(timeoutField, connectTimeout(timeoutMs));
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
              : { ...common, [timeoutField]: connectTimeout(timeoutMs) },
          ),
    encode(plan, req, timeoutMs) {
      const body = plan.serialize(req.message);
      const { header, url } = req;
      const useGet =
        useHttpGet &&
        plan.method.idempotency ===
          MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
      if (header === undefined && url === plan.url && !useGet) {
        const fields =
          timeoutMs === undefined
            ? plan.fields
            : timedFields(plan, timeoutMs, timeoutField, connectTimeout);
        return { fields, body };
      }
      const made = header ?? this.makeHeader(timeoutMs);
      if (made.has(headerUnaryEncoding)) {
        made.delete(headerUnaryEncoding);
      }
      const path = pathFor(plan, url, settings);
      if (useGet) {
        const get = transformToGet(path, made, body, useBinaryFormat);
        const head = pseudoFields(settings, "GET", get.path);
        return { fields: toFields(head, get.header), body: undefined };
      }
      const head = pseudoFields(settings, req.requestMethod, path);
      return { fields: toFields(head, made), body };
    },
    decode: (plan) => new ConnectResponseReader(plan, settings),
  };
}

/** Reads a unary response, with connect-es's own word on all that is not plain. */
class ConnectResponseReader<I extends DescMessage, O extends DescMessage>
  implements ResponseReader<UnaryResponse<I, O>>, ResponseParts
{
  readonly #plan: MethodPlan<I, O>;
  readonly #settings: LaneSettings;
  readonly #chunks: Uint8Array[] = [];
  #fields: readonly string[] = [];
  #parts: [header: Headers, trailer: Headers] | undefined;
  #compression: Compression | undefined;
  #unaryError: ConnectError | undefined;
  #bytes = 0;

  constructor(plan: MethodPlan<I, O>, settings: LaneSettings) {
    this.#plan = plan;
    this.#settings = settings;
  }

  get header(): Headers {
    return this.#split()[0];
  }

  get trailer(): Headers {
    return this.#split()[1];
  }

  headers(fields: readonly string[]): void {
    const { acceptCompression, readMaxBytes, useBinaryFormat } = this.#settings;
    this.#fields = fields;
    if (!isPlain(fields, useBinaryFormat)) {
      const { compression, unaryError } = validateResponseWithCompression(
        "unary",
        acceptCompression,
        useBinaryFormat,
        Number(fields[1]),
        toHeaders(fields),
      );
      this.#compression = compression;
      this.#unaryError = unaryError;
    }
    // The stream sees to it that the body is as long as this says.
    const promised = Number(onlyValue(fields, "content-length"));
    if (promised > readMaxBytes) {
      throw new ConnectError(
        `message size ${promised} is larger than configured readMaxBytes ${readMaxBytes}`,
        Code.ResourceExhausted,
      );
    }
  }

  data(chunk: Uint8Array): undefined {
    const { readMaxBytes } = this.#settings;
    this.#bytes += chunk.byteLength;
    if (this.#bytes > readMaxBytes) {
      throw new ConnectError(
        `message size is larger than configured readMaxBytes ${readMaxBytes}`,
        Code.ResourceExhausted,
      );
    }
    this.#chunks.push(chunk);
  }

  end(): UnaryResponse<I, O> | Promise<UnaryResponse<I, O>> {
    const body = join(this.#chunks, this.#bytes);
    return this.#compression === undefined
      ? this.#respond(body)
      : this.#compression
          .decompress(body, this.#settings.readMaxBytes)
          .then((bytes) => this.#respond(bytes));
  }

  #respond(body: Uint8Array): UnaryResponse<I, O> {
    if (this.#unaryError !== undefined) {
      throw errorFromJsonBytes(
        body,
        appendHeaders(...this.#split()),
        this.#unaryError,
      );
    }
    return new LaneResponse(this.#plan.method, this.#plan.parse(body), this);
  }

  #split(): [header: Headers, trailer: Headers] {
    this.#parts ??= trailerDemux(toHeaders(this.#fields));
    return this.#parts;
  }
}

/** Whether there is nothing in the headers but what nearly all responses have. */
function isPlain(fields: readonly string[], useBinaryFormat: boolean): boolean {
  const type = useBinaryFormat ? "application/proto" : "application/json";
  return (
    fields[1] === "200" &&
    onlyValue(fields, "content-type") === type &&
    !fields.includes("content-encoding")
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
