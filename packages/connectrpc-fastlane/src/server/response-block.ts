import type { LaneHeaders } from "../headers/lane-headers.js";
import { BlockWriter } from "../http2/block-writer.js";

/** Blocks of the headers that most responses have, until the date changes. */
let known = new WeakMap<object, Buffer>();
/** Those of trailers do not change. */
const knownTrailers = new WeakMap<object, Buffer>();
let date = "";
let dateTimer: NodeJS.Timeout | undefined;

/**
 * The header block of a response, with the date as Node's own `http2` adds it
 * (RFC 9110, 6.6.1).
 */
export function responseBlock(
  status: number,
  header: LaneHeaders,
  contentLength: number | undefined,
): Buffer {
  updateDate();
  const isCommon =
    header.untouched && status === 200 && contentLength === undefined;
  const block = isCommon ? known.get(header.fields) : undefined;
  if (block !== undefined) {
    return block;
  }
  const writer = new BlockWriter().add(":status", String(status));
  header.writeTo(writer);
  if (contentLength !== undefined) {
    writer.add("content-length", String(contentLength));
  }
  if (!header.has("date")) {
    writer.add("date", date);
  }
  const made = writer.finish();
  if (isCommon) {
    known.set(header.fields, made);
  }
  return made;
}

/** The header block of trailers. */
export function trailerBlock(trailer: LaneHeaders): Buffer {
  const block = trailer.untouched
    ? knownTrailers.get(trailer.fields)
    : undefined;
  if (block !== undefined) {
    return block;
  }
  const writer = new BlockWriter();
  trailer.writeTo(writer);
  const made = writer.finish();
  if (trailer.untouched) {
    knownTrailers.set(trailer.fields, made);
  }
  return made;
}

/** Asks for the time at most once a second. */
function updateDate(): void {
  if (dateTimer === undefined) {
    const now = new Date();
    date = now.toUTCString();
    known = new WeakMap();
    dateTimer = setTimeout(() => {
      dateTimer = undefined;
    }, 1_000 - now.getMilliseconds());
    dateTimer.unref();
  }
}
