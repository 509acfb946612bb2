/**
 * Hides what is secret in each MongoDB URI of a text: user, password and
 * options. Of a URI that is not well formed nothing but the scheme is left.
 */
export function redactUri(text: string): string {
  return text.replace(
    /(mongodb(?:\+srv)?:\/\/)(\S*)/gi,
    (_, scheme: string, rest: string) => scheme + redactRest(rest),
  );
}

/** What follows the scheme: `[user:password@]hosts[/name][?options]`. */
function redactRest(rest: string): string {
  const [, hosts = "", path = "", options = ""] =
    /^(?:[^/?]*@)?([^/?@]*)(\/[^?]*)?(.*)$/.exec(rest) ?? [];
  // An @ that is not escaped: where the password ends cannot be told.
  return path.includes("@") || options.includes("@") ? "…" : hosts + path;
}
