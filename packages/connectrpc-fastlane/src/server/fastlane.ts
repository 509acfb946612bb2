import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ConnectRouter, ContextValues } from "@connectrpc/connect";
import {
  type RequestServer,
  ServerConnection,
  type ServerHost,
} from "../http2/server-connection.js";
import { chooseLane, type RequestHead } from "./choose-lane.js";
import { connectStream, connectUnary } from "./connect-protocol.js";
import { grpcStream, grpcUnary } from "./grpc-protocol.js";
import { createHttp1Wire } from "./http1-wire.js";
import { Http2Wire, type WireServer } from "./http2-wire.js";
import { type CallInit, LaneCall } from "./lane-call.js";
import { createLaneCounts, type LaneCounts } from "./lane-counts.js";
import { createLaneRoutes } from "./lane-routes.js";
import { defaultCompression, type FastlaneOptions } from "./options.js";
import { readBody } from "./read-body.js";
import { readEnvelope } from "./read-envelope.js";
import { readQuery } from "./read-query.js";
import { runStream } from "./run-stream.js";
import { runUnary } from "./run-unary.js";
import type { Wire } from "./wire.js";

/** What the lane needs of a server to speak HTTP/2 on its sockets. */
export interface Http2Host extends Omit<ServerHost, "choose"> {
  /** Whether the server is closing: requests are then left to Node, who turns them away. */
  isClosing(): boolean;
}

/** A connection of HTTP/2 that the lane speaks on. */
export interface Http2Connection {
  /** Ends it in order: requests that come are served until the client knows. */
  drain(): void;
}

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
   * Speaks HTTP/2 on a socket of a server: serves the calls that take the lane
   * by itself, and hands all other requests to Node's own `http2`, by the host.
   */
  http2(socket: Socket, host: Http2Host): Http2Connection;
  /**
   * Takes a request of HTTP/1.1, or answers false: it was not touched, and is
   * for others.
   */
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
  /** What there is to know of a call, if it is one for the lane. */
  const take = (head: RequestHead, socket: Socket): Taken | undefined => {
    const init = chooseLane(head);
    if (typeof init === "string") {
      counts.handedOver[init]++;
      return undefined;
    }
    let values: ContextValues | undefined;
    if (contextValues !== undefined) {
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
    return new Taken(init, values);
  };
  return {
    options: {
      ...options,
      acceptCompression: options.acceptCompression ?? defaultCompression,
      routes: (router: ConnectRouter) => routes.add(router),
    },
    counts,
    http2(socket, host) {
      const secure = "encrypted" in socket;
      return new ServerConnection(socket, {
        ...host,
        choose(headers) {
          const url = headers[":path"];
          const lane = find(url);
          if (url === undefined || lane === undefined || host.isClosing()) {
            return undefined;
          }
          const head: RequestHead = {
            lane,
            httpMethod: headers[":method"],
            url,
            headers,
            authority: headers[":authority"],
            secure,
            http2: true,
          };
          return take(head, socket);
        },
      });
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
      const taken = take(head, request.socket);
      if (taken === undefined) {
        return false;
      }
      taken.run(createHttp1Wire(request, response));
      return true;
    },
  };
}

/** A call that takes the lane and has not begun yet. */
class Taken implements RequestServer, WireServer {
  readonly #init: CallInit;
  readonly #values: ContextValues | undefined;

  constructor(init: CallInit, values: ContextValues | undefined) {
    this.#init = init;
    this.#values = values;
  }

  open(
    connection: ServerConnection,
    id: number,
    sendWindow: number,
    receiveWindow: number,
  ): Http2Wire {
    const { headers } = this.#init;
    const length = headers["content-length"];
    return new Http2Wire(
      connection,
      id,
      sendWindow,
      receiveWindow,
      String(headers[":path"]),
      length === undefined ? undefined : String(length),
      this,
    );
  }

  /** Runs the call by its kind and protocol. */
  run(wire: Wire): void {
    const call = new LaneCall(this.#init, this.#values);
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
}
