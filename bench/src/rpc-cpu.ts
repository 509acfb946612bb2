import { readFile } from "node:fs/promises";

/** Milliseconds in a tick of the kernel's clock (USER_HZ, 100 everywhere). */
const tickMs = 10;

/** CPU time that processes have used so far, all their threads, in milliseconds. */
export async function cpuMs(pids: readonly number[]): Promise<number> {
  const times = await Promise.all(
    pids.map(async (pid) => {
      const fields = await statFields(pid);
      // utime and stime of proc_pid_stat(5), which counts fields from 1.
      return (Number(fields[13]) + Number(fields[14])) * tickMs;
    }),
  );
  return times.reduce((sum, time) => sum + time, 0);
}

/** Memory that processes hold (resident set), in bytes. */
export async function rssBytes(pids: readonly number[]): Promise<number> {
  let sum = 0;
  for (const pid of pids) {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    sum += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024;
  }
  return sum;
}

/** What the machine has done so far, in milliseconds of all cores together. */
export interface MachineTime {
  readonly busyMs: number;
  readonly totalMs: number;
  /** This process and its children that have ended. */
  readonly ownMs: number;
}

/** Reads how busy the machine has been, and with whom. */
export async function machineTime(): Promise<MachineTime> {
  const stat = await readFile("/proc/stat", "utf8");
  const [line = ""] = stat.split("\n");
  // user nice system idle iowait irq softirq steal; what follows is in user.
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const totalMs = ticks.reduce((sum, n) => sum + n, 0) * tickMs;
  const idleMs = (Number(ticks[3]) + Number(ticks[4])) * tickMs;
  const own = await statFields(process.pid);
  const ownTicks = own.slice(13, 17).reduce((sum, n) => sum + Number(n), 0);
  return { busyMs: totalMs - idleMs, totalMs, ownMs: ownTicks * tickMs };
}

async function statFields(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The second field, the name in parentheses, may hold blanks.
  return ["", "", ...stat.slice(stat.lastIndexOf(")") + 2).split(" ")];
}
