import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "@both-ends/testing";
import { countConnections } from "../open-connections.js";
import { readProcessMemory } from "../process-memory.js";
import type { Random } from "../random.js";
import { type ServerProcess, startServerProcess } from "../server-process.js";
import type { Attack, AttackBudget } from "./attack.js";
import { readCallsInFlight } from "./calls-in-flight.js";
import { type GoodCalls, startGoodClient } from "./good-client.js";
import { openRawConnection } from "./raw-connection.js";

/** What the server may come to hold at the worst, all of the process. */
export const mostResidentBytes = 512 * 2 ** 20;

/** How the server and a well-behaved client lived through an attack. */
export interface StagedAttack {
  readonly attack: Attack;
  readonly budget: AttackBudget;
  /** How the server dealt with it, and how often. */
  readonly counts: Readonly<Record<string, number>>;
  readonly goodCalls: GoodCalls;
  /** Memory of the server process. */
  readonly beforeBytes: number;
  readonly peakBytes: number;
  readonly afterBytes: number;
  /** How long the attack took. */
  readonly elapsedMs: number;
  /** What is wrong. */
  readonly wrong: readonly string[];
}

/** How long the good client calls before and after. */
const calmMs = 500;
const settleMs = 10_000;

/**
 * Makes an attack on a server process of its own, while a well-behaved client
 * calls the same server. Works on Linux, where the memory of a process can be
 * read.
 */
export async function stageAttack(
  attack: Attack,
  budget: AttackBudget,
  random: Random,
): Promise<StagedAttack> {
  const server = await startServerProcess({
    service: "revert-name",
    env: attack.env ?? {},
  });
  try {
    const client = startGoodClient({ port: server.ports.web });
    await delay(calmMs);
    client.measure();
    const before = await readProcessMemory(server.pid);
    const start = performance.now();
    const outcome = await attack.run(
      {
        port: server.ports.web,
        connect: () => openRawConnection(server.ports.web),
      },
      budget,
      random,
    );
    const elapsedMs = performance.now() - start;
    await delay(calmMs);
    const goodCalls = await client.stop();
    const leftovers = await findLeftovers(server);
    const after = await readProcessMemory(server.pid);
    const peakBytes = after.peakBytes;
    return {
      attack,
      budget,
      counts: outcome.counts,
      goodCalls,
      beforeBytes: before.residentBytes,
      peakBytes,
      afterBytes: after.residentBytes,
      elapsedMs,
      wrong: [
        ...outcome.wrong,
        ...judgeCalls(goodCalls),
        ...leftovers,
        ...(peakBytes > mostResidentBytes
          ? [`the server grew to ${Math.round(peakBytes / 2 ** 20)} MiB`]
          : []),
        ...[...new Set(server.unexpected)].slice(0, 3),
      ],
    };
  } catch (error) {
    if (server.hasEnded()) {
      const said = server.unexpected.join("\n");
      throw new Error(`${attack.name} ended the server: ${said}`, {
        cause: error,
      });
    }
    throw error;
  } finally {
    await server.stop();
  }
}

function judgeCalls({ latenciesMs, failures }: GoodCalls): string[] {
  const wrong = Object.entries(failures).map(
    ([what, times]) => `${times} good calls failed: ${what}`,
  );
  return latenciesMs.length === 0 ? ["no good call was made", ...wrong] : wrong;
}

/** Waits for everything that the attack has opened to be gone. */
async function findLeftovers(server: ServerProcess): Promise<string[]> {
  const wrong: string[] = [];
  const { web, metrics } = server.ports;
  const look = async (what: string, count: () => Promise<number>) => {
    try {
      await waitFor(what, async () => (await count()) === 0, {
        timeoutMs: settleMs,
      });
    } catch {
      wrong.push(`${await count()} ${what}`);
    }
  };
  await look("connections stayed", () => countConnections(web));
  await look("calls stayed in flight", () => readCallsInFlight(metrics));
  return wrong;
}
