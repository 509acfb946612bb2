import { cpus, loadavg } from "node:os";

/** Where and when something was measured. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  /** The load average of the last minute, when the measurement began. */
  readonly load: number;
}

/** Describes this machine as it is now. */
export function describeMachine(): Machine {
  const [core] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: core?.model.trim() ?? "unknown CPU",
    cores: cpus().length,
    node: process.version,
    load: Number(loadavg()[0]),
  };
}

/** The machine in one line for people. */
export function renderMachine(machine: Machine): string {
  const { date, cpu, cores, node, load } = machine;
  return `${date}, Node ${node}, ${cores} cores (${cpu}), load average ${load.toFixed(2)} at the start`;
}
