import assert from "node:assert/strict";
import { answersMany, sendsMany } from "./matrix-calls.test.js";
import type { Plan } from "./property-plan.test.js";
import type { Counted } from "./property-world.test.js";

/** How a call went for its caller. */
export interface Outcome {
  /** The code that the caller caught, or OK. */
  readonly caught: string;
  /** Whether the caller left the answers without waiting for their end. */
  readonly left: boolean;
  /** Whether its connection has been destroyed since. */
  readonly cut: boolean;
  /** The same, until now. */
  cutSince(): boolean;
}

/** The codes of endings that are always the same. */
const endings = {
  ok: "OK",
  denied: "NotFound",
  broken: "Internal",
  unsendable: "Internal",
  refused: "PermissionDenied",
} as const;

/**
 * What a server may count of a caller that has left. The last two are of a
 * client that leaves before it has sent a whole request.
 */
const departures = [
  "Canceled",
  "DeadlineExceeded",
  "Unimplemented",
  "InvalidArgument",
];

/**
 * Checks what both ends counted of a call. Gives the codes of both where they
 * may differ, because the caller left or lost its connection; else "agreed".
 */
export function judge(
  plan: Plan,
  outcome: Outcome,
  client: Counted | undefined,
  server: Counted | undefined,
): string {
  const code = codeOf("client", client);
  if (!outcome.left) {
    assert.equal(code, outcome.caught, "the code that the caller caught");
  } else if (!outcome.cutSince()) {
    assert.equal(code, "Canceled", "the code of an answer that is not read");
  }
  const onServer = server === undefined ? nothing : codeOf("server", server);
  if (plan.caller.does === "stays" && !outcome.cut) {
    checkStay(plan, code, onServer, client ?? {}, server ?? {});
    return "agreed";
  }
  if (onServer === code) {
    return "agreed";
  }
  // The server was done before it learned that its caller had left.
  const allowed = [...departures, endOf(plan), nothing];
  const mayBeEmpty = sendsMany(plan.kind) || plan.kind === "unary";
  if (mayBeEmpty && plan.ending === "unreadable") {
    // connect-node ends the stream of requests before it resets it, and so a
    // handler may find it short instead of unreadable. For Connect, the body of
    // a unary call that was cut to nothing is an empty message.
    allowed.push("OK");
  }
  assert.ok(allowed.includes(onServer), `client ${code}, server ${onServer}`);
  const why = outcome.cut ? "lost its connection" : plan.caller.does;
  return `caller ${why}: client ${code}, server ${onServer}`;
}

const nothing = "nothing";

/** The code that both ends count if nobody leaves. */
function endOf({ ending, kind, reads, honours, caller }: Plan): string {
  switch (ending) {
    case "unreadable":
      // Only what is read can be found to be so. A server stream reads first.
      return sendsMany(kind) && reads === 0 ? "OK" : "Internal";
    case "waits":
      // The server keeps the deadline too, and may be a moment ahead.
      return caller.does === "keeps a deadline" && !honours ? "OK" : "Canceled";
    default:
      return endings[ending];
  }
}

/** All is told of a call that nobody left. */
function checkStay(
  plan: Plan,
  code: string,
  onServer: string,
  client: Counted,
  server: Counted,
): void {
  const { kind, ending, requests, reads } = plan;
  assert.equal(code, endOf(plan), "the code on the client");
  assert.equal(onServer, endOf(plan), "the code on the server");
  // The handler never came to its answers.
  const unread =
    ending === "refused" || (ending === "unreadable" && code !== "OK");
  const many = answersMany(kind);
  const answers = many ? (unread ? 0 : plan.answers) : Number(code === "OK");
  assert.equal(client.msg_received_total ?? 0, answers, "answers received");
  assert.equal(server.msg_sent_total ?? 0, answers, "answers sent");
  // A unary call is refused once it was read, a stream before.
  const counted = kind === "unary" ? ending !== "unreadable" : !unread;
  const received = counted ? (sendsMany(kind) ? reads : 1) : 0;
  assert.equal(server.msg_received_total ?? 0, received, "requests received");
  const sent = client.msg_sent_total ?? 0;
  assert.ok(sent >= received && sent <= requests, `${sent} requests sent`);
}

/** The code of a call that was counted exactly once. */
function codeOf(side: string, counted: Counted | undefined): string {
  assert.ok(counted !== undefined, `not counted on the ${side}`);
  const codes = Object.keys(counted).filter((name) =>
    name.startsWith("handled_total "),
  );
  assert.deepEqual(
    {
      started: counted.started_total,
      handled: codes.map((name) => counted[name]),
      observed: counted.handling_seconds_count,
      inFlight: counted.in_flight,
    },
    { started: 1, handled: [1], observed: 1, inFlight: undefined },
    `counted on the ${side}`,
  );
  return codes[0]?.slice("handled_total ".length) ?? "";
}
