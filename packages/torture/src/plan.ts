import type { CodeName } from "./code-name.js";
import { type FaultName, faultCodes } from "./faults.js";
import { createDeck, createRandom } from "./random.js";
import type { Route } from "./routes.js";

/** One call as it is meant to be. */
export interface PlannedCall {
  readonly route: Route;
  /** What it carries: one name, or those of a stream; none where none go. */
  readonly names: readonly string[];
  /** The code that it has to end with. */
  readonly expected: CodeName;
}

/** What {@link createPlan} chooses from. */
export interface PlanOptions {
  seed: number;
  routes: readonly Route[];
  names: readonly string[];
  faults: readonly FaultName[];
  /** How many of the calls that carry names ask for a fault: 0 to 1. */
  faultRatio: number;
  /** How many names a stream carries; the last one asks for the fault. */
  messages: number;
}

/**
 * Creates the sequence of calls. It is always the same for the same options,
 * whatever becomes of the calls. Each route runs through all faults, in an
 * order of its own, before it repeats one.
 */
export function createPlan(options: PlanOptions): () => PlannedCall {
  const { routes, faults, faultRatio, messages } = options;
  const random = createRandom(options.seed);
  const nextRoute = createWeightedChoice(routes, random);
  const nextName = createDeck(options.names, random);
  const nextFault = new Map(
    routes.map((route) => [route, createDeck(faults, random)]),
  );
  return () => {
    const route = nextRoute();
    if (!route.takesNames) {
      const leaves = route.method === "WatchTime";
      return { route, names: [], expected: leaves ? "Canceled" : "OK" };
    }
    const count = route.method === "RevertNames" ? messages : 1;
    const names = Array.from({ length: count }, nextName);
    const fault = random() < faultRatio ? nextFault.get(route)?.() : undefined;
    if (fault === undefined) {
      return { route, names, expected: "OK" };
    }
    names[count - 1] = fault;
    return { route, names, expected: faultCodes[fault] };
  };
}

function createWeightedChoice(
  routes: readonly Route[],
  random: () => number,
): () => Route {
  const total = routes.reduce((sum, { weight }) => sum + weight, 0);
  return () => {
    let point = random() * total;
    for (const route of routes) {
      point -= route.weight;
      if (point < 0) {
        return route;
      }
    }
    // Only rounding can lead here; there is at least one route.
    return routes[routes.length - 1] as Route;
  };
}
