import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Plan, planProcesses } from "./plan.js";
import { describeBusyPorts, findBusyPorts } from "./ports.js";

/** What is to be run, or in words why nothing can be. */
export type Preparation =
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "refusal"; readonly text: string };

/**
 * Plans what to run, and looks whether it can: every value valid, every
 * program built, every port free. Nothing has been started then.
 */
export async function preparePlan(
  root: string,
  env: NodeJS.ProcessEnv,
): Promise<Preparation> {
  let plan: Plan;
  try {
    plan = planProcesses(env);
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
