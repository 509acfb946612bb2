import { parse, serialize } from "cookie";

/** Names of the cookie: browsers keep the first to TLS, this host and path `/`. */
const secureName = "__Host-session";
const plainName = "session";

/** How a call came. */
export interface CookieScope {
  /** By TLS, ours or that of a proxy. */
  readonly secure: boolean;
}

/**
 * Reads the secret of the session from a `cookie` header. Over TLS the plain
 * name does not count: a page without TLS on the same host could have set it.
 */
export function readSessionCookie(
  header: string | null,
  { secure }: CookieScope,
): string | undefined {
  const cookies = parse(header ?? "");
  return cookies[secureName] ?? (secure ? undefined : cookies[plainName]);
}

/** The `set-cookie` header that begins a session. */
export function formatSessionCookie(
  secret: string,
  { secure, expiresAt }: CookieScope & { readonly expiresAt: Date },
): string {
  return serialize(secure ? secureName : plainName, secret, {
    httpOnly: true,
    sameSite: "strict",
    path: "/",
    secure,
    expires: expiresAt,
  });
}

/** The `set-cookie` headers that end a session, by whichever name it began. */
export function formatEndedCookies(scope: CookieScope): string[] {
  const names = scope.secure ? [secureName] : [secureName, plainName];
  return names.map((name) =>
    serialize(name, "", {
      httpOnly: true,
      sameSite: "strict",
      path: "/",
      secure: name === secureName,
      maxAge: 0,
    }),
  );
}
