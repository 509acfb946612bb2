import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";

/** The Headers of what Node's http2 received, without its pseudo-headers. */
export function toHeaders(fields: IncomingHttpHeaders): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(":") || value === undefined) {
      continue;
    }
    for (const one of Array.isArray(value) ? value : [value]) {
      headers.append(name, one);
    }
  }
  return headers;
}

/** Like {@link toHeaders}, but of a repeated field the last counts. */
export function toTrailers(fields: IncomingHttpHeaders | undefined): Headers {
  const trailers = new Headers();
  toHeaders(fields ?? {}).forEach((value, name) => {
    trailers.set(name, value);
  });
  return trailers;
}

/** What Node's http2 sends for these Headers. */
export function toFields(headers: Headers): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = {};
  headers.forEach((value, name) => {
    const before = fields[name];
    fields[name] =
      before === undefined ? value : [before, value].flat().map(String);
  });
  return fields;
}
