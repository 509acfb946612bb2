/** What {@link derivePrometheusConfig} changes. */
export interface DerivedConfigOptions {
  /**
   * Where each job's process is, as `host:port`. A job of the file that is not
   * here is an error; one that is not in the file is added.
   */
  targets: Readonly<Record<string, string>>;
  /** How often to scrape and to evaluate rules. By default, as in the file. */
  intervalMs?: number;
  /** The rule files. Relative ones are found from the derived file. */
  ruleFiles: readonly string[];
  /**
   * A file with the token that the services want to see (`METRICS_TOKEN`). By
   * default, none is shown.
   */
  tokenFile?: string;
}

/**
 * Derives a Prometheus configuration for processes on known addresses from
 * that of the containers: the same jobs and settings, but for targets, times,
 * the place of the rules, and the Alertmanager, which is left out.
 *
 * It goes by lines and by the indentation of `prometheus.yml`, which is ours.
 */
export function derivePrometheusConfig(
  text: string,
  options: DerivedConfigOptions,
): string {
  const { targets, intervalMs, ruleFiles, tokenFile } = options;
  const lines: string[] = [];
  const jobs = new Set<string>();
  let section = "";
  let isDiscovery = false;
  for (const line of text.split("\n")) {
    if (/^\w/.test(line)) {
      section = line.replace(/:.*/, "");
    }
    const job = /^ {2}- job_name: (\S+)$/.exec(line)?.[1];
    if (/^ {4}\S/.test(line) || job !== undefined) {
      isDiscovery = /^ {4}\w+_configs:/.test(line);
    }
    if (job !== undefined) {
      jobs.add(job);
      lines.push(...renderJob(job, targets[job], tokenFile));
    } else if (section === "global") {
      lines.push(setTimes(line, intervalMs));
    } else if (section === "scrape_configs" && !isDiscovery) {
      lines.push(line);
    }
  }
  const added = Object.keys(targets).filter((job) => !jobs.has(job));
  return [
    ...lines,
    ...added.flatMap((job) => renderJob(job, targets[job], tokenFile)),
    "rule_files:",
    ...ruleFiles.map((file) => `  - ${JSON.stringify(file)}`),
    "",
  ].join("\n");
}

function renderJob(
  job: string,
  target: string | undefined,
  tokenFile: string | undefined,
): string[] {
  if (target === undefined) {
    throw new Error(`no target is known for the job ${job}`);
  }
  return [
    `  - job_name: ${job}`,
    "    static_configs:",
    `      - targets: [${JSON.stringify(target)}]`,
    ...(tokenFile === undefined || job === "prometheus"
      ? []
      : [
          "    authorization:",
          `      credentials_file: ${JSON.stringify(tokenFile)}`,
        ]),
  ];
}

/** A scrape must not take longer than the time to the next one. */
function setTimes(line: string, intervalMs: number | undefined): string {
  return intervalMs === undefined
    ? line
    : line.replace(
        /^( {2}(?:scrape_interval|evaluation_interval|scrape_timeout):) .*$/,
        `$1 ${intervalMs}ms`,
      );
}
