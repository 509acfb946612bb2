import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Observation, planObservation } from "./observe.js";
import { type Plan, planProcesses } from "./plan.js";
import { describeBusyPorts, findBusyPorts } from "./ports.js";

/** What is to be run, or in words why nothing can be. */
export type Preparation =
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "refusal"; readonly text: string };

/** What is wanted besides the system. */
export interface PreparationOptions {
  /** Prometheus and Grafana, where they are found. By default, false. */
  observe?: boolean;
}

/**
 * Plans what to run, and looks whether it can: every value valid, every
 * program built, every port free. Nothing has been started then.
 */
export async function preparePlan(
  root: string,
  env: NodeJS.ProcessEnv,
  { observe = false }: PreparationOptions = {},
): Promise<Preparation> {
  let plan: Plan;
  try {
    plan = planProcesses(env);
    if (observe) {
      plan = addObservation(plan, await planObservation(root, env, plan));
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "refusal", text: `cannot start: ${reason}` };
  }
  const programs = [plan.database, ...plan.processes].flatMap(
    (process) => process?.program ?? [],
  );
  const missing = [...new Set(programs)].filter(
    (program) => !existsSync(join(root, program)),
  );
  if (missing.length > 0) {
    const text = `cannot start: ${missing.join(", ")} not found; to build them: npm run build`;
    return { kind: "refusal", text };
  }
  const busy = await findBusyPorts(plan.ports);
  return busy.length > 0
    ? { kind: "refusal", text: describeBusyPorts(busy) }
    : { kind: "plan", plan };
}

function addObservation(plan: Plan, more: Observation): Plan {
  return {
    ...plan,
    processes: [...plan.processes, ...more.processes],
    ports: [...plan.ports, ...more.ports],
    observers: more.observers,
    notes: more.notes,
  };
}
