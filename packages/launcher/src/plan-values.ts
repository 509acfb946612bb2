/** Reads a port from a variable; a wrong one is added to the mistakes. */
export function readPort(
  env: NodeJS.ProcessEnv,
  variable: string,
  byDefault: number,
  mistakes: string[],
): number {
  const text = env[variable] || String(byDefault);
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    mistakes.push(`${variable} must be a port from 1 to 65535, not "${text}"`);
    return byDefault;
  }
  return port;
}

/** A wildcard address listens everywhere but is no place to connect to. */
export function toUrlHost(host: string): string {
  if (host === "0.0.0.0") {
    return "127.0.0.1";
  }
  if (host === "::") {
    return "[::1]";
  }
  return host.includes(":") ? `[${host}]` : host;
}
