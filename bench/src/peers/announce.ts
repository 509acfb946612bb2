import type { Server } from "node:net";

/**
 * Listens on a free port, tells the parent which, and ends with its standard
 * input, so that a parent that was killed leaves no orphan.
 */
export async function announce(
  server: Pick<Server, "listen" | "address">,
  metricsPort?: number,
): Promise<void> {
  tell(await listen(server), metricsPort);
}

/** Tells the parent on which ports this program answers. */
export function tell(port: number, metricsPort = port): void {
  process.stdout.write(`${JSON.stringify({ port, metricsPort })}\n`);
  process.stdin.resume().once("end", () => process.exit(0));
}

/** Listens on a free port of the loopback, and gives it. */
export async function listen(
  server: Pick<Server, "listen" | "address">,
): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve());
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) {
    throw new Error("the server has no port");
  }
  return address.port;
}

/** An environment variable that has to be there. */
export function env(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set`);
  }
  return value;
}
