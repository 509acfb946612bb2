import { readFile } from "node:fs/promises";

/** States in which a kernel keeps a socket that no process has any more. */
const gone = new Set(["06", "07"]);
const listening = "0A";

/**
 * Counts the TCP connections that the server's end of a port of 127.0.0.1
 * still has. Works on Linux only.
 */
export async function countConnections(port: number): Promise<number> {
  const table = await readFile("/proc/net/tcp", "utf8");
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").filter((line) => {
    const [, address, , state = ""] = line.trim().split(/\s+/);
    return address?.endsWith(local) && state !== listening && !gone.has(state);
  }).length;
}
