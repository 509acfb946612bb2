import { unaryPath } from "./h2-session.js";

/** A request of which two servers might read different ends. */
export interface SmugglingForm {
  readonly name: string;
  /** What is sent; a second request may hide in it. */
  readonly bytes: string;
}

/** What must not be answered by itself: its answer has this in it. */
export const hiddenAnswer = '{"status":"alive"}';

const hidden = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
const json = '{"name":"Rodrigo"}';

/** A POST with these lines after its host and content type. */
function post(lines: string, body: string): string {
  return `POST ${unaryPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${lines}\r\n${body}`;
}

/** A POST whose body is a whole chunk and the last one. */
function chunked(line: string): string {
  return post(line, `${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`);
}

const overChunks = (chunks: string) =>
  post("transfer-encoding: chunked\r\n", `${chunks}${hidden}`);
const withLength = (length: string, body = `${json}${hidden}`) =>
  post(`content-length: ${length}\r\n`, body);

/** The forms, each of which was once a hole in some server. */
export const smugglingForms: readonly SmugglingForm[] = [
  {
    name: "content-length, then chunked",
    bytes: post(
      `content-length: ${json.length}\r\ntransfer-encoding: chunked\r\n`,
      `0\r\n\r\n${hidden}`,
    ),
  },
  {
    name: "chunked, then content-length",
    bytes: post(
      "transfer-encoding: chunked\r\ncontent-length: 4\r\n",
      `0\r\n\r\n${hidden}`,
    ),
  },
  {
    name: "two lengths that differ",
    bytes: post(
      `content-length: ${json.length}\r\ncontent-length: ${json.length + hidden.length}\r\n`,
      `${json}${hidden}`,
    ),
  },
  {
    name: "two lengths in one line",
    bytes: withLength(`${json.length}, ${json.length + hidden.length}`),
  },
  { name: "a length with a sign", bytes: withLength(`+${json.length}`) },
  { name: "a negative length", bytes: withLength("-1") },
  { name: "a length in hexadecimal", bytes: withLength("0x12") },
  { name: "a length with a blank in it", bytes: withLength("1 8") },
  { name: "an empty length", bytes: withLength("") },
  {
    name: "a length beyond 64 bits",
    bytes: withLength("18446744073709551634"),
  },
  {
    name: "a blank before the colon of a length",
    bytes: post(`content-length : ${json.length}\r\n`, `${json}${hidden}`),
  },
  {
    name: "a blank before the colon of an encoding",
    bytes: post("transfer-encoding : chunked\r\n", `0\r\n\r\n${hidden}`),
  },
  {
    name: "an unknown encoding",
    bytes: post("transfer-encoding: xchunked\r\n", `0\r\n\r\n${hidden}`),
  },
  {
    name: "chunked, and then another encoding",
    bytes: post(
      "transfer-encoding: chunked, identity\r\n",
      `0\r\n\r\n${hidden}`,
    ),
  },
  {
    name: "two encodings in two lines",
    bytes: post(
      "transfer-encoding: chunked\r\ntransfer-encoding: x\r\n",
      `0\r\n\r\n${hidden}`,
    ),
  },
  {
    name: "a vertical tab before chunked",
    bytes: post("transfer-encoding: \x0bchunked\r\n", `0\r\n\r\n${hidden}`),
  },
  {
    name: "an encoding in a folded line",
    bytes: post("transfer-encoding:\r\n chunked\r\n", `0\r\n\r\n${hidden}`),
  },
  {
    name: "a length in a folded line",
    bytes: post(
      `x: y\r\n content-length: ${json.length}\r\n`,
      `${json}${hidden}`,
    ),
  },
  { name: "a chunk size that is no number", bytes: overChunks("g\r\n") },
  { name: "a negative chunk size", bytes: overChunks("-1\r\n") },
  { name: "a chunk size with 0x", bytes: overChunks("0x0\r\n\r\n") },
  {
    name: "a chunk size beyond 64 bits",
    bytes: overChunks("10000000000000000\r\n\r\n"),
  },
  { name: "a chunk size with a blank in it", bytes: overChunks("0 0\r\n\r\n") },
  {
    name: "a chunk extension that ends in LF",
    bytes: overChunks("2;x\nxx\r\n0\r\n\r\n"),
  },
  {
    name: "a chunk longer than its size",
    bytes: overChunks(`1\r\n${json}\r\n0\r\n\r\n`),
  },
  { name: "a last chunk that ends in LF", bytes: overChunks("0\n\n") },
  {
    name: "lines that end in LF",
    bytes: `POST ${unaryPath} HTTP/1.1\nhost: localhost\ncontent-type: application/json\ncontent-length: ${json.length + hidden.length}\n\n${json}${hidden}`,
  },
  {
    name: "lines that end in CR",
    bytes: `POST ${unaryPath} HTTP/1.1\rhost: localhost\r\r${hidden}`,
  },
  {
    name: "a header line without a colon",
    bytes: post("content-length\r\n", hidden),
  },
  { name: "NUL in a header", bytes: post("x: a\0b\r\n", hidden) },
  {
    name: "a line break in a header",
    bytes: post(`x: a\rcontent-length: ${json.length}\r\n`, `${json}${hidden}`),
  },
  {
    name: "no host",
    bytes: `POST ${unaryPath} HTTP/1.1\r\ncontent-length: 0\r\n\r\n`,
  },
  {
    name: "a body of HTTP/0.9",
    bytes: `POST ${unaryPath}\r\n\r\n${hidden}`,
  },
  {
    name: "a version that there is not",
    bytes: `POST ${unaryPath} HTTP/1.9\r\nhost: localhost\r\n\r\n${hidden}`,
  },
  {
    name: "an upgrade to h2c",
    bytes: `POST ${unaryPath} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\ncontent-type: application/json\r\ncontent-length: ${json.length + hidden.length}\r\n\r\n${json}${hidden}`,
  },
  {
    name: "HTTP/2 within HTTP/1.1",
    bytes: withLength(
      String(json.length),
      `${json}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
    ),
  },
  {
    name: "a length that covers the other request",
    bytes: withLength(String(json.length + hidden.length)),
  },
  {
    name: "a chunk in good order",
    bytes: chunked("transfer-encoding: chunked\r\n"),
  },
];
