import type { RequestListener, Server } from "node:http";
import type {
  Http2SecureServer,
  Http2Server,
  IncomingHttpHeaders,
  ServerHttp2Stream,
} from "node:http2";
import {
  type connectNodeAdapter as Adapter,
  connectNodeAdapter,
} from "@connectrpc/connect-node";
import { createFastlane, type Fastlane } from "./fastlane.js";
import type { FastlaneOptions } from "./options.js";

/** Options of {@link serveFastlane}. */
export interface ServeFastlaneOptions extends FastlaneOptions {
  /** Answers requests that no RPC is for. By default, with 404. */
  fallback?: Parameters<typeof Adapter>[0]["fallback"];
}

/**
 * Serves RPCs on a server of Node, HTTP/1.1 or HTTP/2, with or without TLS: by
 * the lane where it can, else by `connectNodeAdapter`. To be called before the
 * server listens; other listeners of its `request` event are not to answer.
 */
export function serveFastlane<Options extends ServeFastlaneOptions>(
  server: Server | Http2Server | Http2SecureServer,
  options: Options,
): Fastlane<Options> {
  const lane = createFastlane(options);
  const handle = connectNodeAdapter(lane.options);
  // One listener for the requests of both versions, whose types know one each.
  const onRequest: RequestListener = (request, response) => {
    if (request.httpVersionMajor > 1 || !lane.http1(request, response)) {
      handle(request, response);
    }
  };
  server.on("request", onRequest);
  interceptStreams(server, lane);
  return lane;
}

/** Takes streams of HTTP/2 before Node makes request objects for them. */
function interceptStreams(
  server: Server | Http2Server | Http2SecureServer,
  lane: Fastlane,
): void {
  // Absent on servers of HTTP/1.1, present on others once they have a listener
  // for requests.
  const others = server.listeners("stream");
  if (others.length === 0) {
    return;
  }
  server.removeAllListeners("stream");
  server.on(
    "stream",
    (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...rest) => {
      if (!lane.http2(stream, headers)) {
        for (const other of others) {
          Reflect.apply(other, server, [stream, headers, ...rest]);
        }
      }
    },
  );
}
