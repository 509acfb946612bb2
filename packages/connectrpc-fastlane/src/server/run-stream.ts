import type { Message } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { endStreamFlag } from "@connectrpc/connect/protocol-connect";
import { compressEnvelope, wrapEnvelope } from "./envelope.js";
import { createInputMessages } from "./input-messages.js";
import { copyHeaders } from "./interceptors.js";
import { invokeStream } from "./invoke-stream.js";
import type { LaneCall } from "./lane-call.js";
import { passGate } from "./pass-gate.js";
import type { StreamProtocol } from "./protocol.js";
import { thrownError } from "./thrown-error.js";
import { createLeftError, type Wire } from "./wire.js";

/** Runs a server-streaming call from its headers to its last byte. */
export function runStream(
  call: LaneCall,
  wire: Wire,
  protocol: StreamProtocol,
): void {
  const input = createInputMessages(call, wire);
  const output = new StreamOutput(call, wire, protocol);
  wire.watcher = {
    leave(reason) {
      call.abort(reason);
      call.gone();
      input.leave(reason ?? createLeftError());
    },
  };
  passGate(call, {
    passed() {
      send(call, input, output).then(
        () => output.finish(undefined, false),
        (error) => output.finish(error, true),
      );
    },
    failed: (error) => output.finish(error, true),
  });
}

async function send(
  call: LaneCall,
  input: AsyncIterable<Message>,
  output: StreamOutput,
): Promise<void> {
  const response = await invokeStream(call, input);
  copyHeaders(response.header, call.responseHeader);
  const it = response.message[Symbol.asyncIterator]();
  for (;;) {
    const result = await it.next();
    if (result.done === true) {
      break;
    }
    // The output of this method.
    const message: Message = result.value;
    let bytes: Uint8Array;
    try {
      bytes = call.codec.serialize(message);
    } catch (error) {
      call.abort();
      await it.return?.();
      throw error;
    }
    try {
      await output.write(bytes);
    } catch (error) {
      // The handler is to hear of it where it stands.
      it.throw?.(error).catch(() => {});
      throw error;
    }
    call.sent(message);
  }
  copyHeaders(response.trailer, call.responseTrailer);
}

/** The response of a stream on its way. */
class StreamOutput {
  readonly #call: LaneCall;
  readonly #wire: Wire;
  readonly #protocol: StreamProtocol;
  #begun = false;

  constructor(call: LaneCall, wire: Wire, protocol: StreamProtocol) {
    this.#call = call;
    this.#wire = wire;
    this.#protocol = protocol;
  }

  async write(message: Uint8Array): Promise<void> {
    const envelope = await this.#wrap(0, message);
    if (this.#wire.gone) {
      throw createLeftError();
    }
    this.#begin();
    await this.#wire.write(envelope);
  }

  /** Ends the response, with what was thrown if something was. */
  async finish(thrown: unknown, failed: boolean): Promise<void> {
    const call = this.#call;
    call.abort(thrown);
    if (this.#wire.gone) {
      call.gone();
      return;
    }
    const error = failed ? thrownError(thrown) : undefined;
    try {
      const last = this.#protocol.finish(call, error);
      const envelope =
        last === undefined ? undefined : await this.#wrap(endStreamFlag, last);
      this.#begin();
      if (envelope !== undefined) {
        this.#wire.write(envelope)?.catch(() => {});
      }
      this.#wire.end(
        this.#protocol.hasTrailer ? call.responseTrailer : undefined,
      );
      call.end(error?.code ?? 0);
    } catch {
      // Headers that Node does not take, or a compression that fails.
      this.#wire.destroy();
      call.end(Code.Internal);
    }
  }

  #begin(): void {
    if (!this.#begun) {
      this.#begun = true;
      this.#wire.begin(this.#call.responseHeader);
    }
  }

  #wrap(flags: number, data: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const { compression, lane } = this.#call;
    return compression === undefined ||
      data.byteLength < lane.options.compressMinBytes
      ? wrapEnvelope(flags, data)
      : compressEnvelope(flags, data, compression);
  }
}
