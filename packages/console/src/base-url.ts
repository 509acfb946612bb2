/**
 * Where the RPCs of this service are: the pages lie in `admin/` below it, with
 * whatever path a proxy put in front.
 */
export const baseUrl = new URL("..", document.baseURI).href.replace(/\/$/, "");

/** The page of another console on this host. */
export function consoleUrl(port: number, path = "/"): string {
  const { protocol, hostname } = window.location;
  return `${protocol}//${hostname}:${port}/admin/#${path}`;
}
