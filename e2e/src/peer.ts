import type { TestContext } from "node:test";
import type { CertificateFiles } from "@both-ends/testing";
import type { DescMethod, JsonObject } from "@bufbuild/protobuf";
import { startGrpcJsPeer } from "./grpc-js-peer.js";
import { startGrpcioPeer } from "./grpcio-peer.js";

/** A call that a peer is to make. */
export interface PeerCall {
  method: DescMethod;
  /** One, or for a stream of requests as many as you like, in JSON. */
  requests: readonly JsonObject[];
  /** The deadline. By default, 20 s. */
  timeoutMs?: number;
  metadata?: Readonly<Record<string, string>>;
  /** Whether requests are compressed. */
  gzip?: boolean;
  /** Cancels the call after this time. */
  cancelAfterMs?: number;
  /** Cancels the call when so many responses have come. */
  cancelAfterResponses?: number;
}

/** What a peer saw of its call. */
export interface PeerOutcome {
  /** The status, as in `DEADLINE_EXCEEDED`. */
  code: string;
  message: string;
  responses: JsonObject[];
  header: Record<string, string>;
  trailer: Record<string, string>;
  /** The details of the status: full name, and bytes in base64. */
  details: { type: string; value: string }[];
}

/** A gRPC client of another make. */
export interface Peer {
  call(call: PeerCall): Promise<PeerOutcome>;
}

/** Where a peer calls, and with TLS whom it trusts and what it shows. */
export interface PeerTarget {
  /** `host:port`. */
  address: string;
  /** The file of the authority of servers. Cleartext, if absent. */
  ca?: string | undefined;
  client?: CertificateFiles | undefined;
}

/** Starts a peer, which ends with the test. */
export type StartPeer = (
  t: Pick<TestContext, "after">,
  target: PeerTarget,
) => Peer;

/** The peers, by the name that `needs` knows them by. */
export const peers = {
  "grpc-js": startGrpcJsPeer,
  grpcio: startGrpcioPeer,
} as const satisfies Record<string, StartPeer>;
