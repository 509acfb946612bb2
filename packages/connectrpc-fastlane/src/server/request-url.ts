/** Callers choose the authority, so that not all are remembered. */
const maxRemembered = 256;

/** For each scheme, what a URL has before its path, by authority. */
const origins = {
  http: new Map<string, string | undefined>(),
  https: new Map<string, string | undefined>(),
};

/**
 * The URL of a request as connect-node makes it; undefined where the authority
 * makes none. The path is one that has nothing to normalize.
 */
export function requestUrl(
  secure: boolean,
  authority: string,
  pathAndQuery: string,
): string | undefined {
  const scheme = secure ? "https" : "http";
  const known = origins[scheme];
  let origin = known.get(authority);
  if (origin === undefined) {
    origin = readOrigin(`${scheme}://${authority}`);
    if (origin === undefined) {
      return undefined;
    }
    if (known.size >= maxRemembered) {
      known.clear();
    }
    known.set(authority, origin);
  }
  const url = origin + pathAndQuery;
  return pathAndQuery.includes("?") ? new URL(url).toString() : url;
}

/** What a URL has before its path, with the host normalized. */
function readOrigin(base: string): string | undefined {
  if (!URL.canParse("/path", base)) {
    return undefined;
  }
  const url = new URL("/path", base).toString();
  return url.slice(0, -"/path".length);
}
