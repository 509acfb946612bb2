import {
  headerContentType,
  headerProtocolVersion,
  headerUnaryAcceptEncoding,
  headerUnaryContentLength,
  headerUnaryEncoding,
  protocolVersion,
} from "@connectrpc/connect/protocol-connect";

const typePrefix = "application/";

/** What says something of a body, which a GET does not have. */
const bodyHeaders = [
  headerProtocolVersion,
  headerContentType,
  headerUnaryContentLength,
  headerUnaryEncoding,
  headerUnaryAcceptEncoding,
];

/**
 * The path and Headers of a call without side effects as a GET, its message in
 * the query (https://connectrpc.com/docs/protocol/#unary-get-request).
 */
export function transformToGet(
  path: string,
  header: Headers,
  message: Uint8Array,
  useBinaryFormat: boolean,
): { path: string; header: Headers } {
  let query = `?connect=v${protocolVersion}`;
  if (useBinaryFormat) {
    query += "&base64=1";
  }
  const type = header.get(headerContentType);
  if (type?.startsWith(typePrefix)) {
    query += `&encoding=${encodeURIComponent(type.slice(typePrefix.length))}`;
  }
  const { buffer, byteOffset, byteLength } = message;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  query += `&message=${
    useBinaryFormat
      ? bytes.toString("base64url")
      : encodeURIComponent(bytes.toString())
  }`;
  const kept = new Headers(header);
  for (const name of bodyHeaders) {
    kept.delete(name);
  }
  return { path: path + query, header: kept };
}
