import type { IncomingMessage, ServerResponse } from "node:http";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { ConnectRouter, ContextValues } from "@connectrpc/connect";
import { chooseLane, type RequestHead } from "./choose-lane.js";
import { connectStream, connectUnary } from "./connect-protocol.js";
import { grpcStream, grpcUnary } from "./grpc-protocol.js";
import { createHttp1Wire } from "./http1-wire.js";
import { Http2Wire } from "./http2-wire.js";
import { LaneCall } from "./lane-call.js";
import { createLaneCounts, type LaneCounts } from "./lane-counts.js";
import { createLaneRoutes } from "./lane-routes.js";
import { defaultCompression, type FastlaneOptions } from "./options.js";
import { readBody } from "./read-body.js";
import { readEnvelope } from "./read-envelope.js";
import { readQuery } from "./read-query.js";
import { runStream } from "./run-stream.js";
import { runUnary } from "./run-unary.js";
import type { Wire } from "./wire.js";

/** A lane that takes calls before the host sees them. */
export interface Fastlane<Options extends FastlaneOptions = FastlaneOptions> {
  /**
   * The options for the adapter that serves all other calls
   * (`fastifyConnectPlugin`, `connectNodeAdapter`): the given ones, with
   * `routes` that register the RPCs for both. The lane takes nothing before
   * that adapter has called them.
   */
  readonly options: Options;
  /** How many calls took the lane so far, and how many were handed over. */
  readonly counts: LaneCounts;
  /**
   * Takes a stream of an HTTP/2 server, or answers false: it was not touched,
   * and is for others.
   */
  http2(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean;
  /** The same for a request of HTTP/1.1. */
  http1(request: IncomingMessage, response: ServerResponse): boolean;
}

/**
 * Makes a lane for one server. Unary and server-streaming calls of gRPC and
 * Connect whose requests are not compressed are served by the lane itself, all
 * others by connect-es's own handlers.
 *
 * Throws a ConnectError for limits that are out of range, when the routes are
 * added.
 */
export function createFastlane<Options extends FastlaneOptions>(
  options: Options,
): Fastlane<Options> {
  const routes = createLaneRoutes(options);
  const counts = createLaneCounts();

  const find = (url: string | undefined) => {
    if (url === undefined) {
      return undefined;
    }
    const mark = url.indexOf("?");
    return routes.methods.get(mark < 0 ? url : url.slice(0, mark));
  };
  const { contextValues } = options;
  /** The call, if it is one for the lane. */
  const take = (
    head: RequestHead,
    socket: Socket | undefined,
  ): LaneCall | undefined => {
    const choice = chooseLane(head);
    if (typeof choice === "string") {
      counts.handedOver[choice]++;
      return undefined;
    }
    let values: ContextValues | undefined;
    if (contextValues !== undefined && socket !== undefined) {
      const { headers, httpMethod: method, url } = head;
      try {
        values = contextValues({ method, url, headers, socket });
      } catch {
        // The host knows what to do when it throws again.
        counts.handedOver.headers++;
        return undefined;
      }
    }
    counts.taken++;
    return new LaneCall(choice, values);
  };
  return {
    options: {
      ...options,
      acceptCompression: options.acceptCompression ?? defaultCompression,
      routes: (router: ConnectRouter) => routes.add(router),
    },
    counts,
    http2(stream, headers) {
      const url = headers[":path"];
      const lane = find(url);
      const { session } = stream;
      if (url === undefined || lane === undefined || session === undefined) {
        return false;
      }
      const head: RequestHead = {
        lane,
        httpMethod: headers[":method"],
        url,
        headers,
        authority: headers[":authority"],
        secure: session.encrypted === true,
        http2: true,
      };
      // It makes a proxy when it is read for the first time.
      const socket = contextValues && (session.socket as Socket);
      const call = take(head, socket);
      if (call === undefined) {
        return false;
      }
      run(call, new Http2Wire(stream));
      return true;
    },
    http1(request, response) {
      const { headers, url } = request;
      const lane = find(url);
      if (url === undefined || lane === undefined) {
        return false;
      }
      if (request.httpVersion !== "1.1") {
        counts.handedOver.headers++;
        return false;
      }
      const head: RequestHead = {
        lane,
        httpMethod: request.method,
        url,
        headers,
        authority: headers.host,
        secure: "encrypted" in request.socket,
        http2: false,
      };
      const call = take(head, request.socket);
      if (call === undefined) {
        return false;
      }
      run(call, createHttp1Wire(request, response));
      return true;
    },
  };
}

/** Runs a call by its kind and protocol. */
function run(call: LaneCall, wire: Wire): void {
  const grpc = call.codec.protocol === "grpc";
  if (call.lane.spec.kind !== "unary") {
    runStream(call, wire, grpc ? grpcStream : connectStream);
  } else if (grpc) {
    runUnary(call, wire, grpcUnary, readEnvelope);
  } else {
    const read = call.requestMethod === "GET" ? readQuery : readBody;
    runUnary(call, wire, connectUnary, read);
  }
}
