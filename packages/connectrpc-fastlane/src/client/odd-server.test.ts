import {
  createServer,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";

/** What an odd server does with one call, step by step. */
export type Step =
  | { do: "inform" }
  | { do: "respond"; fields: OutgoingHttpHeaders }
  | { do: "write"; bytes: Uint8Array }
  | { do: "wait"; ms: number }
  | { do: "trailers"; fields: OutgoingHttpHeaders }
  | { do: "end" }
  | { do: "reset"; code: number }
  | { do: "goaway"; code: number }
  | { do: "destroy session" }
  | { do: "destroy socket" };

/** A server of whatever answers it is given. */
export interface OddServer {
  readonly origin: string;
  /** Makes an answer. Gives the base URL under which calls get it. */
  prepare(steps: readonly Step[]): string;
  /** With which codes streams under a base URL were closed. */
  resetCodesOf(baseUrl: string): number[];
  readonly openStreams: number;
  close(): Promise<void>;
}

/** Starts a server whose answers are made of HTTP/2 frames. */
export async function startOddServer(): Promise<OddServer> {
  const answers = new Map<string, readonly Step[]>();
  const resetCodes = new Map<string, number[]>();
  const sessions = new Set<{ destroy(): void }>();
  let made = 0;
  let open = 0;
  const server = createServer({ settings: { maxConcurrentStreams: 50 } });
  const sockets = new Map<number | undefined, { destroy(): void }>();
  server.on("connection", (socket: Socket) => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.on("close", () => sockets.delete(remotePort));
  });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => {});
  });
  server.on("stream", (stream, fields) => {
    const key = String(fields[":path"]).split("/")[1] ?? "";
    open++;
    stream.on("error", () => {});
    stream.on("close", () => {
      open--;
      resetCodes.set(key, [...(resetCodes.get(key) ?? []), stream.rstCode]);
    });
    stream.resume();
    // The request first: a reset while it is still on its way is another test.
    stream.on("end", () => {
      const { remotePort } = stream.session?.socket ?? {};
      const cut = () => sockets.get(remotePort)?.destroy();
      void answer(stream, answers.get(key) ?? [], cut);
    });
  });
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve()),
  );
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    prepare(steps) {
      const key = String(++made);
      answers.set(key, steps);
      return `http://127.0.0.1:${port}/${key}`;
    },
    resetCodesOf: (baseUrl) =>
      resetCodes.get(new URL(baseUrl).pathname.slice(1)) ?? [],
    get openStreams() {
      return open;
    },
    async close() {
      for (const session of sessions) {
        session.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  stream: ServerHttp2Stream,
  steps: readonly Step[],
  cut: () => void,
): Promise<void> {
  for (const step of steps) {
    if (stream.destroyed || stream.closed) {
      return;
    }
    switch (step.do) {
      case "inform":
        stream.additionalHeaders({ ":status": 103, link: "</a>" });
        break;
      case "respond": {
        const trailers = steps.find((s) => s.do === "trailers");
        stream.respond(step.fields, {
          waitForTrailers: trailers !== undefined,
        });
        if (trailers !== undefined) {
          stream.on("wantTrailers", () => stream.sendTrailers(trailers.fields));
        }
        break;
      }
      case "write":
        await new Promise((resolve) => stream.write(step.bytes, resolve));
        break;
      case "wait":
        await new Promise((resolve) => setTimeout(resolve, step.ms));
        break;
      case "trailers":
      case "end":
        stream.end();
        break;
      case "reset":
        stream.close(step.code);
        break;
      case "goaway":
        stream.session?.goaway(step.code);
        break;
      case "destroy session":
        stream.session?.destroy();
        break;
      case "destroy socket":
        cut();
        break;
    }
  }
}
