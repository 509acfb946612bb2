import type { OutgoingHttpHeaders } from "node:http";

/** Headers as Node has them, by lower-case name. */
export type NodeHeaders = Readonly<
  Record<string, string | readonly string[] | number | undefined>
>;

/** Fields of a connection, which HTTP/2 does not have (RFC 9113, 8.2.2). */
const ofConnection = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "te",
]);

/** Makes headers as connect-node does, without HTTP/2's pseudo-headers. */
export function headersOf(fields: NodeHeaders): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(":") || value === undefined) {
      continue;
    }
    for (const one of typeof value === "object" ? value : [value]) {
      headers.append(name, String(one));
    }
  }
  return headers;
}

/** Whether HTTP/2 has no such field: Node's compatibility API leaves it out. */
export function isOfConnection(name: string): boolean {
  return ofConnection.has(name);
}

/** Headers of a response as an object for Node's HTTP/1.1. */
export function fieldsOf(headers: Headers | NodeHeaders): OutgoingHttpHeaders {
  const fields: Record<string, string | number | string[]> = {};
  const add = (value: string | number, name: string) => {
    const other = fields[name];
    if (other === undefined) {
      fields[name] = value;
    } else {
      // Only `set-cookie` comes more than once.
      fields[name] = [other, value].flat().map(String);
    }
  };
  if (headers instanceof Headers) {
    headers.forEach((value, name) => {
      add(value, name);
    });
  } else {
    for (const name in headers) {
      const value = headers[name];
      if (typeof value === "string" || typeof value === "number") {
        add(value, name);
      }
    }
  }
  return fields;
}
