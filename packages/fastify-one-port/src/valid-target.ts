import type {
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import { Http2ServerRequest } from "node:http2";

/**
 * Wraps a handler so that the target of every request it sees is a URL with an
 * authority. Where the client gave none, as HTTP/1.0 allows and HTTP/2 does
 * with a `host` header in its place, it is that header or the address of the
 * server (RFC 9112, 3.3; RFC 9113, 8.3.1). What is no URL is answered 400:
 * connect-es throws on both, and the client gets an empty 200.
 */
export function requireTarget(handler: RequestListener): RequestListener {
  return (request, response) => {
    giveAuthority(request);
    const { authority, host } = readAuthority(request);
    if (URL.canParse(request.url ?? "", `http://${authority ?? host}`)) {
      handler(request, response);
    } else {
      refuse(response);
    }
  };
}

function readAuthority({ headers }: IncomingMessage) {
  return { authority: headers[":authority"], host: headers.host };
}

function giveAuthority(request: IncomingMessage): void {
  const { authority, host } = readAuthority(request);
  const isHttp2 = asHttp2(request) !== undefined;
  if (isHttp2 ? authority : host) {
    return;
  }
  const { localAddress = "", localPort } = request.socket;
  const address = localAddress.includes(":")
    ? `[${localAddress}]`
    : localAddress;
  request.headers[isHttp2 ? ":authority" : "host"] =
    host || `${address}:${localPort}`;
}

/** Under HTTP/2, Fastify's handler gets requests of Node's compatibility API. */
function asHttp2(request: object): Http2ServerRequest | undefined {
  return request instanceof Http2ServerRequest ? request : undefined;
}

function refuse(response: ServerResponse): void {
  response.writeHead(400);
  response.end();
}
