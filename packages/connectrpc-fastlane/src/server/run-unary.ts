import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { type AfterUnary, invokeUnary } from "./invoke-unary.js";
import type { LaneCall } from "./lane-call.js";
import type { MessageReader, ReadRequest } from "./message-reader.js";
import { type AfterGate, passGate } from "./pass-gate.js";
import type { UnaryProtocol } from "./protocol.js";
import { thrownError } from "./thrown-error.js";
import type { Wire, WireWatcher } from "./wire.js";

/** Runs a unary call from its headers to its answer. */
export function runUnary(
  call: LaneCall,
  wire: Wire,
  protocol: UnaryProtocol,
  read: ReadRequest,
): void {
  const run = new UnaryRun(call, wire, protocol, read);
  wire.watcher = run;
  passGate(call, run);
}

/** A unary call on its way. It is `done` once it is known how it ends. */
class UnaryRun implements WireWatcher, AfterGate, MessageReader, AfterUnary {
  readonly #call: LaneCall;
  readonly #wire: Wire;
  readonly #protocol: UnaryProtocol;
  readonly #read: ReadRequest;
  #input: Message | undefined;
  #working = false;
  done = false;

  constructor(
    call: LaneCall,
    wire: Wire,
    protocol: UnaryProtocol,
    read: ReadRequest,
  ) {
    this.#call = call;
    this.#wire = wire;
    this.#protocol = protocol;
    this.#read = read;
  }

  passed(): void {
    if (!this.done) {
      this.#read(this.#call, this.#wire, this);
    }
  }

  message(message: Message): void {
    if (this.#input === undefined) {
      this.#input = message;
    } else {
      this.failed(wrongCount("received extra"));
    }
  }

  end(): void {
    if (this.done) {
      return;
    }
    if (this.#input === undefined) {
      this.failed(wrongCount("missing"));
      return;
    }
    this.#working = true;
    this.#call.received(this.#input);
    invokeUnary(this.#call, this.#input, this);
  }

  /** The caller is gone. A handler at work is waited for. */
  leave(reason: unknown): void {
    this.#call.abort(reason);
    if (!this.#working) {
      this.done = true;
      this.#call.gone();
    }
  }

  failed(thrown: unknown): void {
    if (this.done) {
      return;
    }
    this.done = true;
    this.#call.abort(thrown);
    if (this.#wire.gone) {
      this.#call.gone();
      return;
    }
    const error = thrownError(thrown);
    try {
      const sending = this.#protocol.fail(this.#call, this.#wire, error);
      if (sending === undefined) {
        this.#call.end(error.code);
      } else {
        sending.then(
          () => this.#call.end(error.code),
          () => this.#breakOff(),
        );
      }
    } catch {
      this.#breakOff();
    }
  }

  succeeded(output: Message): void {
    const call = this.#call;
    let bytes: Uint8Array;
    try {
      bytes = call.codec.serialize(output);
    } catch (error) {
      if (call.codec.protocol === "grpc") {
        // The handler has done its part, and is not told, as in connect-es.
        call.abort();
      }
      this.failed(error);
      return;
    }
    this.done = true;
    call.abort();
    if (this.#wire.gone) {
      call.gone();
      return;
    }
    try {
      const sending = this.#protocol.succeed(call, this.#wire, bytes);
      if (sending === undefined) {
        this.#sent(output);
      } else {
        sending.then(
          () => this.#sent(output),
          () => this.#breakOff(),
        );
      }
    } catch {
      this.#breakOff();
    }
  }

  #sent(output: Message): void {
    this.#call.sent(output);
    this.#call.end(0);
  }

  /** Headers that Node does not take, or a compression that fails. */
  #breakOff(): void {
    if (this.#wire.gone) {
      this.#call.gone();
    } else {
      this.#wire.destroy();
      this.#call.end(Code.Internal);
    }
  }
}

function wrongCount(what: string): ConnectError {
  return new ConnectError(
    `protocol error: ${what} input message for unary method`,
    Code.Unimplemented,
  );
}
