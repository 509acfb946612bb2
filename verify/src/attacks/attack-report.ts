import { markdownTable } from "@both-ends/bench";
import { percentile } from "../percentile.js";
import type { StagedAttack } from "./stage-attack.js";

const mib = (bytes: number) => String(Math.round(bytes / 2 ** 20));
const ms = (value: number) => value.toFixed(1);

/** The good client's calls and the server's memory, one attack in each row. */
export function renderAttacks(staged: readonly StagedAttack[]): string {
  const rows = staged.map((one) => {
    const { latenciesMs, failures } = one.goodCalls;
    const failed = Object.values(failures).reduce((sum, n) => sum + n, 0);
    return [
      one.attack.name,
      `${one.budget.count.toLocaleString("en-US")} ${one.attack.unit}`,
      (one.elapsedMs / 1_000).toFixed(1),
      String(latenciesMs.length),
      String(failed),
      ms(percentile(latenciesMs, 0.5)),
      ms(percentile(latenciesMs, 0.99)),
      ms(percentile(latenciesMs, 1)),
      `${mib(one.beforeBytes)} / ${mib(one.peakBytes)} / ${mib(one.afterBytes)}`,
    ];
  });
  return markdownTable(
    [
      "attack",
      "how much",
      "s",
      "good calls",
      "failed",
      "p50 ms",
      "p99 ms",
      "max ms",
      "RSS MiB before / peak / after",
    ],
    rows,
  );
}

/** What each attack is, and how the server dealt with it. */
export function renderOutcomes(staged: readonly StagedAttack[]): string {
  return staged
    .map(({ attack, counts }) => {
      const met = Object.entries(counts)
        .map(([what, times]) => `${what} ${times.toLocaleString("en-US")}`)
        .join(", ");
      return `- **${attack.name}**: ${attack.what}. ${met}.`;
    })
    .join("\n");
}
