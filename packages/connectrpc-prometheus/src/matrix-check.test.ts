import assert from "node:assert/strict";
import { kinds } from "./matrix-calls.test.js";
import {
  type Count,
  type Expected,
  inFlight,
  nothing,
} from "./matrix-end.test.js";
import { carrierOf } from "./matrix-link.test.js";
import type { Cell, Scene } from "./matrix-scene.test.js";
import { oneCall, readSamples } from "./sample-fixture.test.js";

/**
 * Checks that both ends have counted what is expected and nothing else, where
 * the caller caught a code, or none ("OK").
 */
export async function checkBothSides(
  { cell, client, server }: Scene,
  caught: string,
  expected: Expected,
): Promise<true> {
  const code = expected.client === "any" ? caught : expected.client;
  const onClient = await readSamples(client, "client");
  assert.deepEqual(
    { side: "client", ...onClient },
    { side: "client", ...counted(cell, onClient, [code], expected) },
  );
  const onServer = await readSamples(server, "server");
  assert.deepEqual(
    { side: "server", ...onServer },
    {
      side: "server",
      ...counted(cell, onServer, [expected.server ?? code].flat(), {
        sent: expected.serverSent ?? expected.received,
        received: expected.serverReceived ?? expected.sent,
      }),
    },
  );
  return true;
}

/** What a side should have counted, by what it has where it may vary. */
function counted(
  { kind, link }: Cell,
  samples: Record<string, number>,
  codes: readonly string[],
  messages: { sent: Count; received: Count },
): Record<string, number> {
  const method = kinds[kind];
  const [first = nothing] = codes;
  const code =
    codes.find((name) => `${method} handled_total ${name}` in samples) ??
    (codes.includes(nothing) ? nothing : first);
  const sent = within(
    code === "OK" ? messages.sent : lessOneInMemory(link, messages.sent),
    samples[`${method} msg_sent_total`],
  );
  const received = within(
    messages.received,
    samples[`${method} msg_received_total`],
  );
  switch (code) {
    case nothing:
      return {};
    case inFlight:
      return {
        [`${method} started_total`]: 1,
        [`${method} in_flight`]: 1,
        [`${method} msg_received_total`]: received,
        [`${method} msg_sent_total`]: sent,
      };
    default:
      return oneCall(method, code, { sent, received });
  }
}

/**
 * In memory a message is fetched when its reader asks for it, and is known to
 * have left when it asks for another.
 */
function lessOneInMemory(link: Cell["link"], count: Count): Count {
  const [least, most] = typeof count === "number" ? [count, count] : count;
  return carrierOf(link) === "memory"
    ? [Math.max(0, least - 1), most]
    : [least, most];
}

/** The expected number: for a race the one that came, if it may. */
function within(count: Count, actual = 0): number {
  if (typeof count === "number") {
    return count;
  }
  const [least, most] = count;
  return Math.min(Math.max(actual, least), most);
}
