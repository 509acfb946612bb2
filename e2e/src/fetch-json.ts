/** An answer whose body is a JSON object. */
export interface JsonAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** Fetches a JSON object. Throws if the body is something else. */
export async function fetchJson(
  url: string,
  init?: RequestInit,
): Promise<JsonAnswer> {
  const res = await fetch(url, {
    signal: AbortSignal.timeout(15_000),
    ...init,
  });
  const body: unknown = await res.json();
  if (typeof body !== "object" || body === null) {
    throw new Error(`${url} answered ${JSON.stringify(body)}`);
  }
  // An object that came from JSON has string keys.
  return {
    status: res.status,
    headers: res.headers,
    body: body as Record<string, unknown>,
  };
}
