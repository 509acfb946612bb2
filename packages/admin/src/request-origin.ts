import { Code, ConnectError } from "@connectrpc/connect";

/** What is looked at to tell where a call comes from. */
export interface OriginRequest {
  /** The address that was called. */
  readonly url: string;
  readonly header: Headers;
}

/** Tells pages of this service from those of others. */
export interface RequestOrigins {
  /**
   * Throws `permission_denied` for a call from a page of another origin; and,
   * if `required`, for one that does not say where it comes from.
   */
  check(request: OriginRequest, options: { required: boolean }): void;
  /** Whether a call came by TLS, ours or that of a proxy. */
  isSecure(request: OriginRequest): boolean;
}

/**
 * Creates the check. A page's origin has to be that of the address it calls,
 * or one of `allowed`: for a proxy that changes scheme or host.
 */
export function createRequestOrigins(
  allowed: readonly string[] = [],
): RequestOrigins {
  const known = new Set(allowed);
  const isOwn = (origin: string, url: string) =>
    known.has(origin) || origin === new URL(url).origin;
  return {
    check({ url, header }, { required }) {
      const origin = header.get("origin");
      if (origin === null) {
        // Only browsers send it; "none" is an address that a person typed.
        const site = header.get("sec-fetch-site") ?? "none";
        if (required || (site !== "same-origin" && site !== "none")) {
          throw new ConnectError(
            "the call does not say that it comes from a page of this service: the header origin is missing",
            Code.PermissionDenied,
          );
        }
      } else if (!isOwn(origin, url)) {
        throw new ConnectError(
          `pages of ${JSON.stringify(origin.slice(0, 200))} may not call this`,
          Code.PermissionDenied,
        );
      }
    },
    isSecure({ url, header }) {
      if (url.startsWith("https:")) {
        return true;
      }
      const origin = header.get("origin");
      return origin?.startsWith("https:") === true && known.has(origin);
    },
  };
}
