import { once } from "node:events";
import { createServer } from "node:net";

/** A port that nobody listens on now. */
export async function findFreePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") {
    throw new Error(`no free port on ${host}`);
  }
  return address.port;
}

/** Tells whether somebody listens on a port already. */
export async function isPortInUse(
  host: string,
  port: number,
): Promise<boolean> {
  if (port === 0) {
    return false;
  }
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return false;
  } catch (error) {
    return (
      error instanceof Error && "code" in error && error.code === "EADDRINUSE"
    );
  }
}
