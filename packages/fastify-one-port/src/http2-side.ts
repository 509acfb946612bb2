import type { RequestListener } from "node:http";
import {
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type Http2Session,
  type ServerHttp2Session,
} from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createArrivals } from "./arrivals.js";
import type { RequestInterceptor } from "./intercept.js";
import { limitResets } from "./limit-resets.js";
import { answerMs, type Limits, lastRequestMs } from "./limits.js";
import type { LimitListener, OnePortOptions } from "./options.js";
import { createSessionGate, type SessionGate } from "./session-gate.js";

/** The half of a port that speaks HTTP/2. */
export interface Http2Side {
  /** A server that never listens. */
  readonly server: Http2Server;
  /** Speaks HTTP/2 on a socket. */
  serve(socket: Socket): void;
  /** Sends GOAWAY in each session; it ends with its last stream. */
  drain(): void;
}

/** Makes the HTTP/2 half of a port. */
export function createHttp2Side(
  handler: RequestListener,
  limits: Limits,
  onLimit: LimitListener,
  options: Pick<OnePortOptions, "limitArrival" | "intercept">,
  isClosing: () => boolean,
): Http2Side {
  const { intercept, limitArrival = () => false } = options;
  const server = createServer({
    // In megabytes, in effect no limit: what counts here is mostly responses
    // that wait for the client's flow control. With Node's default of 10, one
    // response of 16 MiB makes all other streams of its session fail with
    // ENHANCE_YOUR_CALM. What a client can make the server hold is bounded by
    // the stream limit, the header limit and the windows of 64 KiB.
    maxSessionMemory: 1_000_000,
    settings: {
      maxConcurrentStreams: limits.maxConcurrentStreams,
      maxHeaderListSize: limits.maxHeaderSizeBytes,
    },
  });
  // Fastify serves the objects of Node's HTTP/2 compatibility API alike; its
  // types just know one kind of server at a time.
  const handleRequest = handler as unknown as (
    request: Http2ServerRequest,
    response: Http2ServerResponse,
  ) => void;
  const gates = new WeakMap<Http2Session, SessionGate>();
  // At this event and not at that of the stream, whose end may come in the same
  // packet: who listens to it later does not hear of it.
  server.on("request", (request, response) => {
    const { stream } = request;
    const handle = () => {
      if (!stream.closed) {
        handleRequest(request, response);
      }
    };
    const gate = stream.session && gates.get(stream.session);
    if (gate === undefined) {
      setImmediate(handle);
    } else {
      gate.admit(handle);
    }
  });
  const ends = new Set<() => void>();
  let draining = false;
  const { requestTimeoutMs } = limits;
  const arrivals = createArrivals(requestTimeoutMs, () =>
    onLimit("requestTimeoutMs"),
  );
  const watchArrivals = (session: ServerHttp2Session) => {
    session.on("stream", (stream, headers) => {
      if (limitArrival(headers[":path"] ?? "")) {
        arrivals.watch(stream);
        stream.once("close", () => arrivals.forget(stream));
      }
    });
  };
  /** Behind who speaks HTTP/2 on the socket itself, and keeps its limits. */
  const serveBehind = (bytes: Duplex) => {
    let made: ServerHttp2Session | undefined;
    server.once("session", (session) => {
      made = session;
    });
    server.emit("connection", bytes);
    return made;
  };
  /** Whether somebody speaks HTTP/2 on the socket in Node's place. */
  const isServedBy = ({ http2 }: RequestInterceptor, socket: Socket) => {
    if (http2 === undefined) {
      return false;
    }
    const connection = http2(socket, {
      limits,
      serveNode: serveBehind,
      isClosing,
      limitArrival,
      onLimit,
    });
    const end = () => connection.drain();
    if (draining) {
      end();
    }
    ends.add(end);
    socket.once("close", () => ends.delete(end));
    return true;
  };
  return {
    server,
    serve(socket) {
      if (socket.destroyed) {
        return;
      }
      // Else a client that leaves by FIN alone would keep its socket open here.
      socket.allowHalfOpen = false;
      if (intercept !== undefined && isServedBy(intercept, socket)) {
        return;
      }
      server.once("session", (session) => {
        const gate = createSessionGate(session, limits);
        gates.set(session, gate);
        if (requestTimeoutMs > 0) {
          watchArrivals(session);
        }
        const end = keepSession(session, gate, socket, limits, onLimit);
        if (draining) {
          end();
        }
        ends.add(end);
        socket.once("close", () => ends.delete(end));
      });
      server.emit("connection", socket);
    },
    drain() {
      draining = true;
      for (const end of ends) {
        end();
      }
    },
  };
}

/** None for 0. */
function startTimer(ms: number, run: () => void): NodeJS.Timeout | undefined {
  return ms > 0 ? setTimeout(run, ms) : undefined;
}

/** Holds one session to its timeouts. Gives the function that ends it. */
function keepSession(
  session: ServerHttp2Session,
  gate: SessionGate,
  socket: Socket,
  limits: Limits,
  onLimit: LimitListener,
): () => void {
  let openStreams = 0;
  let begun = false;
  let timer: NodeJS.Timeout | undefined;
  const destroyAfter = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => socket.destroy(), ms);
  };
  const end = () => {
    if (!begun) {
      session.once("remoteSettings", end);
      destroyAfter(Math.min(lastRequestMs, limits.shutdownGraceMs));
      return;
    }
    clearTimeout(timer);
    gate.end(() => {
      if (openStreams === 0) {
        destroyAfter(limits.shutdownGraceMs);
      }
    });
  };
  session.once("remoteSettings", () => {
    begun = true;
  });
  // The client has to acknowledge the server's SETTINGS, too (RFC 9113, 6.5.3).
  // Behind some broken frames Node 20 stops to read, and would keep the
  // connection of a client that has long gone.
  const preface = startTimer(limits.prefaceTimeoutMs, () => {
    onLimit("prefaceTimeoutMs");
    socket.destroy();
  });
  session.once("localSettings", () => clearTimeout(preface));
  // Not the session's own setTimeout(): Node 20 does not clear that timer with
  // the session, which it keeps in memory until it runs out.
  const idle = startTimer(limits.sessionIdleTimeoutMs, () => {
    if (openStreams === 0) {
      onLimit("sessionIdleTimeoutMs");
      end();
    }
  });
  const showLife = () => {
    if (openStreams === 0 && !socket.destroyed) {
      idle?.refresh();
    }
  };
  session.on("stream", (stream) => {
    openStreams += 1;
    stream.once("close", () => {
      openStreams -= 1;
      showLife();
    });
  });
  session.on("ping", showLife);
  limitResets(session);
  // Node waits without limit for the client's FIN once it has sent its own, and
  // its own client sends none where it has stopped to read.
  socket.once("finish", () =>
    destroyAfter(Math.min(answerMs, limits.shutdownGraceMs)),
  );
  socket.once("close", () => {
    clearTimeout(timer);
    clearTimeout(preface);
    clearTimeout(idle);
  });
  return end;
}
