import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";

/** A process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  /** Its program and first argument; the others may hold secrets. */
  readonly command: string;
  /** The launcher that started it, if it was started by one. */
  readonly launcherPid?: number;
}

/** The state of a listening socket in `/proc/net/tcp`. */
const listenState = "0A";

/**
 * Finds who listens on these ports, from Linux's `/proc`. Elsewhere, and for
 * other users' processes without the right to look, nobody is found.
 */
export async function findPortHolders(
  ports: readonly number[],
): Promise<Map<number, PortHolder>> {
  const sockets = await findListeningSockets(ports);
  const holders = new Map<number, PortHolder>();
  if (sockets.size === 0) {
    return holders;
  }
  for (const pid of (await list("/proc")).filter((name) =>
    /^\d+$/.test(name),
  )) {
    for (const descriptor of await list(`/proc/${pid}/fd`)) {
      const target = await read(readlink(`/proc/${pid}/fd/${descriptor}`));
      const port = sockets.get(target);
      if (port !== undefined && !holders.has(port)) {
        holders.set(port, await describeProcess(pid));
      }
    }
  }
  return holders;
}

/** The names of listening sockets as file descriptors show them, by port. */
async function findListeningSockets(
  ports: readonly number[],
): Promise<Map<string, number>> {
  const tables = await Promise.all([
    read(readFile("/proc/net/tcp", "utf8")),
    read(readFile("/proc/net/tcp6", "utf8")),
  ]);
  const sockets = new Map<string, number>();
  for (const line of tables.join("\n").split("\n")) {
    const fields = line.trim().split(/\s+/);
    const port = Number.parseInt(fields[1]?.split(":")[1] ?? "", 16);
    if (fields[3] === listenState && ports.includes(port)) {
      sockets.set(`socket:[${fields[9]}]`, port);
    }
  }
  return sockets;
}

async function describeProcess(pid: string): Promise<PortHolder> {
  const commandLine = await read(readFile(`/proc/${pid}/cmdline`, "utf8"));
  const [program = "", argument = ""] = commandLine.split("\0");
  const words = [basename(program), argument.startsWith("-") ? "" : argument];
  const holder = { pid: Number(pid), command: words.join(" ").trim() };
  if (!commandLine.split("\0").includes("--exit-with-stdin")) {
    return holder;
  }
  const status = await read(readFile(`/proc/${pid}/status`, "utf8"));
  const parent = /^PPid:\s+(\d+)$/m.exec(status)?.[1];
  return parent === undefined || parent === "1"
    ? holder
    : { ...holder, launcherPid: Number(parent) };
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

/** What is read, or nothing: processes come and go while one looks. */
async function read(reading: Promise<string>): Promise<string> {
  try {
    return await reading;
  } catch {
    return "";
  }
}
