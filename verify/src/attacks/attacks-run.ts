import {
  concludeSection,
  type LongRun,
  type RunOptions,
  type Section,
} from "../long-run.js";
import { createRandom } from "../random.js";
import { attacks } from "./attack-list.js";
import { renderAttacks, renderOutcomes } from "./attack-report.js";
import {
  mostResidentBytes,
  type StagedAttack,
  stageAttack,
} from "./stage-attack.js";

/** All attacks, one after the other, each on a server of its own. */
export const attacksRun: LongRun = {
  name: "attacks",
  title: "Attacks on the one port",
  parts: attacks.map(({ name }) => name),
  timeLimitMs: 12 * 60_000,
  run: runAttacks,
};

async function runAttacks(options: RunOptions): Promise<Section> {
  const random = createRandom(options.seed);
  const staged: StagedAttack[] = [];
  const wrong: string[] = [];
  for (const attack of attacks) {
    if (options.parts.length > 0 && !options.parts.includes(attack.name)) {
      continue;
    }
    process.stderr.write(`${attack.name}\n`);
    const budget = {
      ...attack.full,
      count: Math.max(1, Math.round(attack.full.count * options.scale)),
    };
    try {
      const one = await stageAttack(attack, budget, random);
      staged.push(one);
      wrong.push(...one.wrong.map((what) => `${attack.name}: ${what}`));
    } catch (error) {
      wrong.push(`${attack.name}: ${String(error)}`);
    }
  }
  const bound = mostResidentBytes / 2 ** 20;
  const text = `Each attack meets a server process of its own (\`revert-name\`) on loopback, while a well-behaved client in another
thread calls that server: gRPC over one kept connection, every tenth call over a new one. A call of it that fails, more
than ${bound} MiB of memory, a connection or a call that is left over, or a line of the log about something unexpected
fails the run.

${renderAttacks(staged)}

How the server dealt with them:

${renderOutcomes(staged)}`;
  return concludeSection(
    text,
    wrong,
    "the well-behaved client was served all the time, memory stayed in bounds, nothing was left over",
  );
}
