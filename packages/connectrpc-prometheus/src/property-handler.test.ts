import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { unsendable } from "./matrix-answers.test.js";
import { answersMany, type Handle, sendsMany } from "./matrix-calls.test.js";
import { aborted } from "./matrix-end.test.js";
import type { Plan } from "./property-plan.test.js";

/** The header that tells which call it is. */
export const callId = "x-call-id";

/** Refuses the calls that are to be refused, behind the metrics. */
export function refuse(plans: readonly Plan[]): Interceptor {
  return (next) => (req) => {
    if (plans[Number(req.header.get(callId))]?.ending === "refused") {
      throw new ConnectError("no", Code.PermissionDenied);
    }
    return next(req);
  };
}

/** Does what the plan of a call says. */
export function handlePlans(plans: readonly Plan[]): Handle {
  return async function* (requests, { requestHeader, signal }) {
    const plan = plans[Number(requestHeader.get(callId))];
    if (plan === undefined) {
      throw new Error(`no plan for call ${requestHeader.get(callId)}`);
    }
    const pause = () =>
      plan.pauseMs === 0
        ? undefined
        : plan.honours
          ? Promise.race([delay(plan.pauseMs), aborted(signal)])
          : delay(plan.pauseMs);
    const it = requests[Symbol.asyncIterator]();
    for (let i = 0; i < plan.reads; i++) {
      await it.next();
    }
    if (sendsMany(plan.kind) && plan.reads === plan.requests) {
      await it.next();
    }
    for (let i = 0; i < plan.answers; i++) {
      await pause();
      yield `${i}`;
    }
    await pause();
    yield* end(plan, signal);
  };
}

async function* end(plan: Plan, signal: AbortSignal): AsyncIterable<string> {
  switch (plan.ending) {
    case "denied":
      throw new ConnectError("no", Code.NotFound);
    case "broken":
      throw new Error("secret");
    case "unsendable":
      yield unsendable;
      break;
    case "waits":
      if (plan.honours) {
        await aborted(signal);
      }
      await aborted(signal).catch(() => delay(3));
      yield "late";
      break;
    default:
      if (!answersMany(plan.kind)) {
        yield "done";
      }
  }
}
