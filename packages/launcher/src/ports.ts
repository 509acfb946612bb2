import { createServer } from "node:net";
import type { PlannedPort } from "./plan.js";
import { findPortHolders, type PortHolder } from "./port-holder.js";

/** A port that cannot be had, and why. */
export interface BusyPort extends PlannedPort {
  /** The code of the error that listening gives, `EADDRINUSE` for example. */
  readonly code: string;
  /** Who has it, where this machine tells. */
  readonly holder?: PortHolder;
}

/** Finds out, by listening, which of these ports cannot be had. */
export async function findBusyPorts(
  ports: readonly PlannedPort[],
): Promise<BusyPort[]> {
  const codes = await Promise.all(
    ports.map(({ host, port }) => tryPort(host, port)),
  );
  const busy = ports.flatMap((port, index) => {
    const code = codes[index];
    return code === undefined ? [] : [{ ...port, code }];
  });
  if (busy.length === 0) {
    return [];
  }
  const holders = await findPortHolders(busy.map(({ port }) => port));
  return busy.map((port) =>
    port.code === "EADDRINUSE"
      ? { ...port, holder: holders.get(port.port) }
      : port,
  );
}

/**
 * Says which ports cannot be had, one a line, and in the last line what to do
 * about it.
 */
export function describeBusyPorts(busy: readonly BusyPort[]): string {
  const lines = busy.map((one) => `  ${describeBusyPort(one)}`);
  const overrides = busy.map(
    ({ variable, port }) => `${variable}=${otherPort(port)}`,
  );
  const launchers = new Set(
    busy.flatMap(({ holder }) => holder?.launcherPid ?? []),
  );
  const another =
    launchers.size > 0
      ? `another npm start is running (process ${[...launchers].join(", ")}): end it with Ctrl-C or kill ${[...launchers].join(" ")}`
      : "end what holds them";
  const ports = busy.length === 1 ? "a port" : `${busy.length} ports`;
  return [
    ...lines,
    `cannot have ${ports}; ${another}, or choose others: ${overrides.join(" ")} npm start`,
  ].join("\n");
}

function describeBusyPort({ host, port, owner, code, holder }: BusyPort) {
  const address = `port ${port} on ${host}, wanted by ${owner},`;
  if (code === "EADDRINUSE") {
    const by = holder ? ` by process ${holder.pid} (${holder.command})` : "";
    return `${address} is in use${by}`;
  }
  if (code === "EACCES") {
    return `${address} is not allowed for this user`;
  }
  return `${address} cannot be had (${code})`;
}

/** A number out of the way of the defaults, and easy to tell from them. */
function otherPort(port: number): number {
  return port + 10_000 <= 65_535 ? port + 10_000 : port - 10_000;
}

function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => resolve(undefined));
    });
  });
}
