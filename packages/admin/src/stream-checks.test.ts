import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Caller } from "./caller.js";
import type { OriginRequest } from "./request-origin.js";
import { type CheckedStream, createStreamChecks } from "./stream-checks.js";

const everyMs = 5;

function callerNamed(username: string): Caller {
  return {
    username,
    role: "viewer",
    expiresAt: new Date(0),
    by: { kind: "session", digest: username },
  };
}

/** A stream that came with a cookie, and what it was ended with. */
function streamOf(cookie: string, allow = (_caller: Caller) => {}) {
  const ended: ConnectError[] = [];
  const stream: CheckedStream = {
    request: {
      url: "https://in-memory/admin.v1.JobService/WatchJobs",
      header: new Headers({ cookie }),
    },
    allow,
    end: (refusal) => ended.push(refusal),
  };
  return { stream, ended };
}

/** Answers by the cookie, and counts how often it was asked about each. */
function useCallers(answer: (cookie: string) => Caller = callerNamed) {
  const asked = new Map<string, number>();
  return {
    asked,
    async authenticate({ header }: OriginRequest): Promise<Caller> {
      const cookie = header.get("cookie") ?? "";
      asked.set(cookie, (asked.get(cookie) ?? 0) + 1);
      return answer(cookie);
    },
  };
}

suite("createStreamChecks({ authenticate, everyMs })", () => {
  test("looks up a caller once a round, however many streams they have", async () => {
    const { asked, authenticate } = useCallers();
    const checks = createStreamChecks({ authenticate, everyMs });
    let allowed = 0;
    const stops = Array.from({ length: 50 }, (_, index) => {
      const { stream } = streamOf(index < 49 ? "ann" : "ben", () => {
        allowed += 1;
      });
      return checks.add(stream);
    });
    await waitFor("two rounds", () => allowed >= 100);
    for (const stop of stops) {
      stop();
    }
    assert.equal(asked.get("ann"), allowed / 50);
    assert.equal(asked.get("ben"), allowed / 50);
  });

  test("ends the streams of a caller who is not known any more, once, and no other", async () => {
    let isKnown = true;
    const { asked, authenticate } = useCallers((cookie) => {
      if (cookie === "ann" && !isKnown) {
        throw new ConnectError("ended", Code.Unauthenticated);
      }
      return callerNamed(cookie);
    });
    const checks = createStreamChecks({ authenticate, everyMs });
    const [one, two, other] = ["ann", "ann", "ben"].map((c) => streamOf(c));
    assert.ok(one && two && other);
    checks.add(one.stream);
    checks.add(two.stream);
    const stop = checks.add(other.stream);
    await waitFor("a round", () => asked.has("ben"));
    assert.deepEqual(one.ended, []);
    isKnown = false;
    await waitFor("the end", () => one.ended.length > 0);
    const rounds = asked.get("ben") ?? 0;
    await waitFor("more rounds", () => (asked.get("ben") ?? 0) > rounds + 1);
    stop();
    assert.deepEqual(
      [one, two, other].map(({ ended }) => ended.map(({ code }) => code)),
      [[Code.Unauthenticated], [Code.Unauthenticated], []],
    );
  });

  test("ends a stream whose caller may not have it any more", async () => {
    const { authenticate } = useCallers();
    const checks = createStreamChecks({ authenticate, everyMs });
    const { stream, ended } = streamOf("ann", () => {
      throw new ConnectError("needs more", Code.PermissionDenied);
    });
    checks.add(stream);
    await waitFor("the end", () => ended.length > 0);
    assert.equal(ended[0]?.code, Code.PermissionDenied);
  });

  test("lets streams be while callers cannot be looked up", async () => {
    const { asked, authenticate } = useCallers(() => {
      throw new Error("the database is away");
    });
    const checks = createStreamChecks({ authenticate, everyMs });
    const { stream, ended } = streamOf("ann");
    const stop = checks.add(stream);
    await waitFor("two rounds", () => (asked.get("ann") ?? 0) >= 2);
    stop();
    assert.deepEqual(ended, []);
  });
});
