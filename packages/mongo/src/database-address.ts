/** Where a database listens. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
}

/** An address as people write it: IPv6 in brackets. */
export function formatAddress({ host, port }: DatabaseAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * The MongoDB URI of a database on this machine. One that listens on all
 * addresses is reached by the loopback one.
 */
export function databaseUri({ host, port }: DatabaseAddress): string {
  const reached =
    host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `mongodb://${formatAddress({ host: reached, port })}`;
}

/** The port at the end of an address. */
export function parsePort(address: string): number | undefined {
  const port = Number(/:(\d+)$/.exec(address)?.[1]);
  return Number.isInteger(port) ? port : undefined;
}
