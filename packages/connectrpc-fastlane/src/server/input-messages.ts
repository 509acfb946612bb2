import type { Message } from "@bufbuild/protobuf";
import type { LaneCall } from "./lane-call.js";
import type { MessageReader } from "./message-reader.js";
import { readEnvelope } from "./read-envelope.js";
import type { Wire } from "./wire.js";

/** The messages of a request as interceptors of streams are given them. */
export interface InputMessages extends AsyncIterable<Message> {
  /** The caller left: nothing more will come. */
  leave(error: unknown): void;
}

/** Makes the messages, which are read when the first one is asked for. */
export function createInputMessages(call: LaneCall, wire: Wire): InputMessages {
  const results: (() => Promise<IteratorResult<Message>>)[] = [];
  const waiting: ((result: Promise<IteratorResult<Message>>) => void)[] = [];
  let last: (() => Promise<IteratorResult<Message>>) | undefined;
  let begun = false;
  const push = (result: () => Promise<IteratorResult<Message>>) => {
    const resolve = waiting.shift();
    if (resolve === undefined) {
      results.push(result);
    } else {
      resolve(result());
    }
  };
  const finish = (result: () => Promise<IteratorResult<Message>>) => {
    if (last === undefined) {
      last = result;
      for (const resolve of waiting.splice(0)) {
        resolve(result());
      }
    }
  };
  const done = async () => ({ done: true, value: undefined }) as const;
  const reader: MessageReader = {
    get done() {
      return last !== undefined;
    },
    message(message: Message) {
      push(async () => {
        call.received(message);
        return { done: false, value: message };
      });
    },
    end: () => finish(done),
    failed: (error: unknown) => finish(() => Promise.reject(error)),
  };
  const messages: AsyncIterator<Message> = {
    next() {
      if (!begun) {
        begun = true;
        if (last === undefined) {
          readEnvelope(call, wire, reader);
        }
      }
      const result = results.shift() ?? last;
      return result === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : result();
    },
    return() {
      finish(done);
      return done();
    },
    throw(error) {
      finish(done);
      return Promise.reject(error);
    },
  };
  return {
    [Symbol.asyncIterator]: () => messages,
    leave: reader.failed,
  };
}
