import type { DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import type {
  Code,
  ContextValues,
  Interceptor,
  StreamRequest,
  UnaryRequest,
} from "@connectrpc/connect";

/** What is told of every call on the lane, seen from the wire. */
export interface LaneObservation {
  /**
   * An interceptor that this stands for: the lane leaves it out, so that
   * nothing is counted twice and nothing is paid twice. By default, none.
   */
  readonly replaces?: Interceptor;
  /**
   * A call begins: its headers are there. Undefined if nobody wants to hear of
   * it.
   */
  start(call: LaneCallStart): LaneObserver | undefined;
}

/** A call, as it is known from its headers. */
export interface LaneCallStart {
  readonly method: DescMethod;
  readonly protocol: "grpc" | "connect";
  /** The headers of the request. */
  readonly header: Headers;
  readonly contextValues: ContextValues;
  /** The timeout that the caller asked for, in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** What the interceptors were given; undefined until they are. */
  readonly request: UnaryRequest | StreamRequest | undefined;
}

/** Is told what becomes of a call: `end` or `gone`, one of them, once. */
export interface LaneObserver {
  /** A message arrived and could be read. */
  received(schema: DescMessage, message: Message): void;
  /** A message was written. */
  sent(schema: DescMessage, message: Message): void;
  /** The call is over, with the status that its caller gets: 0 is OK. */
  end(status: Code | 0): void;
  /** The call is over, and its caller left before it was answered. */
  gone(): void;
}
