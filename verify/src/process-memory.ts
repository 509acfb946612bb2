import { readFile } from "node:fs/promises";

/** The resident memory of a process, in bytes. */
export interface ProcessMemory {
  readonly residentBytes: number;
  /** The most it has been since the process began. */
  readonly peakBytes: number;
}

/** Reads the memory of a process. Works on Linux only. */
export async function readProcessMemory(pid: number): Promise<ProcessMemory> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const read = (name: string) => {
    const [, kib] =
      new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status) ?? [];
    if (kib === undefined) {
      throw new Error(`process ${pid} tells no ${name}`);
    }
    return Number(kib) * 1_024;
  };
  return { residentBytes: read("VmRSS"), peakBytes: read("VmHWM") };
}
