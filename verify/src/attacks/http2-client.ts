import { type ClientHttp2Session, connect } from "node:http2";

/** How a call over HTTP/2 ended. */
export interface CallEnd {
  /** The HTTP status, undefined if there was no answer. */
  readonly status: number | undefined;
  /** `grpc-status` of the headers or trailers. */
  readonly grpcStatus: number | undefined;
  /** The code of the reset, undefined if there was none. */
  readonly reset: number | undefined;
  /** The body of the answer. */
  readonly body: Buffer;
}

/** What to send. */
export interface CallStart {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Whether the request ends with the body. By default, it does. */
  readonly end?: boolean;
}

const limitMs = 15_000;

/** Sessions of Node's own client, for calls whose frames are in order. */
export interface Sessions {
  /** A session for one call. */
  take(): ClientHttp2Session;
  /** Cuts them all. */
  destroy(): void;
}

/**
 * Creates sessions to a port of this machine, a new one for every so many
 * calls: a server ends a session in which too many requests are broken off.
 */
export function createSessions(port: number, callsEach = 250): Sessions {
  const open = new Set<ClientHttp2Session>();
  let current: ClientHttp2Session | undefined;
  let calls = 0;
  const renew = () => {
    // It ends with its last call.
    current?.close();
    const session = connect(`http://127.0.0.1:${port}`);
    open.add(session);
    session.once("close", () => open.delete(session));
    // Each call tells for itself.
    session.on("error", () => {});
    return session;
  };
  return {
    take() {
      if (current === undefined || calls === callsEach) {
        current = renew();
        calls = 0;
      }
      calls += 1;
      return current;
    },
    destroy() {
      for (const session of open) {
        session.destroy();
      }
    },
  };
}

/** Makes a POST and waits for its end, or for 15 s. */
export function callHttp2(
  session: ClientHttp2Session,
  { path, headers, body, end = true }: CallStart,
): Promise<CallEnd> {
  return new Promise((resolve) => {
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      ...headers,
    });
    let status: number | undefined;
    let grpcStatus: number | undefined;
    let reset: number | undefined;
    const chunks: Buffer[] = [];
    const readStatus = (value: unknown) => {
      grpcStatus = value === undefined ? grpcStatus : Number(value);
    };
    const timer = setTimeout(() => stream.close(), limitMs);
    stream.on("response", (answer) => {
      status = answer[":status"];
      readStatus(answer["grpc-status"]);
    });
    stream.on("trailers", (trailers) => readStatus(trailers["grpc-status"]));
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", () => {});
    stream.on("end", () => stream.close());
    stream.on("close", () => {
      clearTimeout(timer);
      reset = stream.rstCode === 0 ? undefined : stream.rstCode;
      resolve({ status, grpcStatus, reset, body: Buffer.concat(chunks) });
    });
    if (end) {
      stream.end(body);
    } else {
      stream.write(body);
    }
  });
}
