/** A value that Prometheus reckons ahead and keeps under a name. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** How soon somebody has to look. */
export type Severity = "critical" | "warning";

/** What Prometheus tells people about. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long it must hold before it is told, as Prometheus writes durations. */
  readonly for: string;
  readonly severity: Severity;
  /** One line, with the labels that say where. */
  readonly summary: string;
  /** What it means for people who use the system. */
  readonly description: string;
}

/** Rules that are evaluated together, in this order. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (RecordingRule | AlertRule)[];
}

/** What the rules may be told. */
export interface RuleOptions {
  /** The jobs that must be there. By default, those of the system. */
  jobs?: readonly string[];
  /**
   * Divides all times, so that alerts can be seen firing within seconds. By
   * default, 1.
   */
  speed?: number;
}

/** The processes of the system, as their scrape jobs are named. */
export const systemJobs: readonly string[] = [
  "time",
  "time-worker",
  "revert-name",
  "revert-name-worker",
  "edge",
  "edge-worker",
];

/** Writes a duration as Prometheus does, divided by the speed. */
export type Clock = (seconds: number) => string;

/** Creates the clock by which rules write their times. */
export function createClock({ speed = 1 }: RuleOptions = {}): Clock {
  return (seconds) => {
    // Below two seconds no rate has two samples.
    const scaled =
      speed === 1 ? seconds : Math.max(2, Math.round(seconds / speed));
    for (const [unit, size] of [
      ["h", 3600],
      ["m", 60],
    ] as const) {
      if (scaled >= size && scaled % size === 0) {
        return `${scaled / size}${unit}`;
      }
    }
    return `${scaled}s`;
  };
}
