import type { Message } from "@bufbuild/protobuf";
import type { LaneCall } from "./lane-call.js";
import type { Wire } from "./wire.js";

/** What is done with the messages of a request. */
export interface MessageReader {
  message(message: Message): void;
  /** Whether nothing more is wanted. */
  readonly done: boolean;
  /** The request is complete. */
  end(): void;
  /** It is not what it should be. Nothing is read any more. */
  failed(error: unknown): void;
}

/** Reads the request of a call. */
export type ReadRequest = (
  call: LaneCall,
  wire: Wire,
  reader: MessageReader,
) => void;
