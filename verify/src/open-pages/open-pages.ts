import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:http2";
import { envelopeOf, pageCalls, pageHeaders } from "./page-calls.js";

/** Pages that are open. */
export interface OpenPages {
  /** How many streams have begun. */
  opened(): number;
  /** How many have ended, which none should. */
  ended(): number;
  /** How many bytes they have got. */
  receivedBytes(): number;
  /** Leaves them all. */
  close(): void;
}

/** Where pages are opened, and how many. */
export interface OpenPagesOptions {
  readonly origin: string;
  readonly cookie: string;
  readonly count: number;
}

/** Opens pages that read what comes, each by a connection of HTTP/1.1 as a browser's. */
export function openLivePages(options: OpenPagesOptions): OpenPages {
  const { origin, cookie, count } = options;
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const tally = { opened: 0, ended: 0, bytes: 0 };
  const pages = Array.from({ length: count }, (_, index) => {
    const call = pageCalls[index % pageCalls.length] ?? pageCalls[0];
    const page = request(`${origin}${call?.path}`, {
      agent,
      method: "POST",
      headers: pageHeaders(origin, cookie),
    });
    page.on("response", (answer: IncomingMessage) => {
      tally.opened += answer.statusCode === 200 ? 1 : 0;
      answer.on("data", (chunk: Buffer) => {
        tally.bytes += chunk.length;
      });
      answer.on("error", () => undefined);
      answer.on("close", () => {
        tally.ended += 1;
      });
    });
    page.on("error", () => undefined);
    if (call !== undefined) {
      page.end(envelopeOf(call));
    }
    return page;
  });
  return {
    opened: () => tally.opened,
    ended: () => tally.ended,
    receivedBytes: () => tally.bytes,
    close() {
      for (const page of pages) {
        page.destroy();
      }
      agent.destroy();
    },
  };
}

// So that the kernel's buffers, which hold megabytes, do not hide what the
// server would keep.
const windowBytes = 1_024;

/**
 * Opens pages that read nothing, as a laptop that went to sleep: by HTTP/2, in
 * which the server may send them no more than a window of 1 KiB.
 */
export function openStalledPages(options: OpenPagesOptions): OpenPages {
  const { origin, cookie, count } = options;
  const tally = { opened: 0, ended: 0 };
  const session = connect(origin, {
    settings: { initialWindowSize: windowBytes },
  });
  session.on("error", () => undefined);
  for (let index = 0; index < count; index += 1) {
    const call = pageCalls[0];
    if (call === undefined) {
      break;
    }
    const stream = session.request({
      ":method": "POST",
      ":path": call.path,
      ...pageHeaders(origin, cookie),
    });
    stream.on("response", (headers) => {
      tally.opened += headers[":status"] === 200 ? 1 : 0;
    });
    stream.on("error", () => undefined);
    stream.on("close", () => {
      tally.ended += 1;
    });
    stream.pause();
    stream.end(envelopeOf(call));
  }
  return {
    opened: () => tally.opened,
    ended: () => tally.ended,
    receivedBytes: () => count * windowBytes,
    close: () => session.destroy(),
  };
}
