import * as http from "node:http";
import * as http2 from "node:http2";
import * as https from "node:https";
import * as net from "node:net";
import type { TestContext } from "node:test";

/** What a client got for its request. */
export interface Answer {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends a request over HTTP/1.1, by default a GET on a connection of its own. */
export function request1(
  port: number,
  path: string,
  options: http.RequestOptions & { body?: Buffer } = {},
): Promise<Answer> {
  const { body, ...rest } = options;
  return new Promise((resolve, reject) => {
    const { request: send } = rest.protocol === "https:" ? https : http;
    const request = send(
      { host: "127.0.0.1", port, path, agent: false, ...rest },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** Opens an HTTP/2 session with prior knowledge; it is destroyed with the test. */
export function connect2(
  t: TestContext,
  port: number,
  options: http2.ClientSessionOptions | http2.SecureClientSessionOptions = {},
  scheme: "http" | "https" = "http",
): http2.ClientHttp2Session {
  const session = http2.connect(`${scheme}://127.0.0.1:${port}`, options);
  t.after(() => session.destroy());
  // Calls on the session fail too, and those the tests look at.
  session.on("error", () => {});
  return session;
}

/** Sends a request in an HTTP/2 session, by default a GET. */
export function request2(
  session: http2.ClientHttp2Session,
  path: string,
  options: { headers?: http2.OutgoingHttpHeaders; body?: Buffer } = {},
): Promise<Answer> {
  const { headers, body } = options;
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":path": path, ...headers });
    const chunks: Buffer[] = [];
    let got: http.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {};
    stream.on("response", (responseHeaders) => {
      got = responseHeaders;
    });
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => {
      if (stream.rstCode === 0 && !stream.aborted) {
        resolve({
          status: got[":status"],
          headers: got,
          body: Buffer.concat(chunks),
        });
      } else {
        reject(new Error(`stream ended with code ${stream.rstCode}`));
      }
    });
    stream.end(body);
  });
}

/** A plain TCP connection and what came over it. */
export interface RawConnection {
  readonly socket: net.Socket;
  received(): Buffer;
  /** Settles when the connection is closed, for whatever reason. */
  readonly closed: Promise<void>;
}

/** Opens a plain TCP connection; it is destroyed with the test. */
export async function connectRaw(
  t: TestContext,
  port: number,
  options: { allowHalfOpen?: boolean } = {},
): Promise<RawConnection> {
  const socket = net.connect({ host: "127.0.0.1", port, ...options });
  t.after(() => socket.destroy());
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  // A reset is one of the ways in which a server closes.
  socket.on("error", () => {});
  return { socket, received: () => Buffer.concat(chunks), closed };
}

/** Parts of HTTP/2 as bytes (RFC 9113, 3.4, 4.1 and 6; RFC 7541 for HPACK). */
export const frames = {
  preface: Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  settings: Buffer.from("000000040000000000", "hex"),
  settingsAck: Buffer.from("000000040100000000", "hex"),
  /** SETTINGS with an INITIAL_WINDOW_SIZE of 2^31-1. */
  wideSettings: Buffer.from("00000604000000000000047fffffff", "hex"),
  /** WINDOW_UPDATE that widens the connection's window to 2^31-1. */
  wideWindow: Buffer.from("0000040800000000007fff0000", "hex"),
  /** GOAWAY without an error. */
  goaway: Buffer.from("0000080700000000000000000000000000", "hex"),
  /** HEADERS of a GET of `/` from authority `x`, which end stream 1. */
  get: Buffer.from("000006010500000001828684410178", "hex"),
  /** The same of `/large`. */
  getLarge: Buffer.from(
    `00000d01050000000182860406${Buffer.from("/large").toString("hex")}410178`,
    "hex",
  ),
};
