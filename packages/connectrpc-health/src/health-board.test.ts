import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  createHealthBoard,
  type HealthChange,
  type ServingStatus,
} from "./health-board.js";

suite("createHealthBoard()", () => {
  test("starts with the whole server serving and nothing else known", () => {
    const board = createHealthBoard();
    assert.equal(board.get(""), "SERVING");
    assert.equal(board.get("a.v1.A"), undefined);
    assert.deepEqual(board.services(), [""]);
    assert.equal(board.isShutdown, false);
  });

  test("learns services by being set", () => {
    const board = createHealthBoard();
    board.set("b.v1.B", "UNKNOWN");
    board.set("a.v1.A", "NOT_SERVING");
    board.set("b.v1.B", "SERVING");
    assert.deepEqual(board.services(), ["", "b.v1.B", "a.v1.A"]);
    assert.equal(board.get("b.v1.B"), "SERVING");
  });

  test("refuses a status that is none", () => {
    const board = createHealthBoard();
    for (const status of ["serving", "SERVICE_UNKNOWN", "1"]) {
      assert.throws(
        // As a caller without types would.
        () => board.set("a.v1.A", status as ServingStatus),
        new TypeError(
          `unknown serving status "${status}" for service "a.v1.A"`,
        ),
      );
    }
    assert.equal(board.get("a.v1.A"), undefined);
  });

  test("tells each change once", () => {
    const board = createHealthBoard();
    const changes: HealthChange[] = [];
    const unsubscribe = board.subscribe((change) => changes.push(change));
    board.set("", "SERVING");
    board.set("a.v1.A", "SERVING");
    board.set("a.v1.A", "SERVING");
    board.shutdown();
    board.shutdown();
    board.set("a.v1.A", "SERVING");
    board.resume();
    unsubscribe();
    board.set("", "UNKNOWN");
    assert.deepEqual(changes, [
      { kind: "status", service: "a.v1.A", status: "SERVING" },
      { kind: "status", service: "", status: "NOT_SERVING" },
      { kind: "status", service: "a.v1.A", status: "NOT_SERVING" },
      { kind: "shutdown" },
      { kind: "status", service: "", status: "SERVING" },
      { kind: "status", service: "a.v1.A", status: "SERVING" },
      { kind: "resume" },
    ]);
  });

  test("ignores what is set after shutdown, until it resumes", () => {
    const board = createHealthBoard({ statuses: { "a.v1.A": "UNKNOWN" } });
    board.shutdown();
    assert.equal(board.isShutdown, true);
    board.set("", "SERVING");
    board.set("b.v1.B", "SERVING");
    assert.equal(board.get(""), "NOT_SERVING");
    assert.equal(board.get("a.v1.A"), "NOT_SERVING");
    assert.equal(board.get("b.v1.B"), undefined);
    board.resume();
    assert.equal(board.isShutdown, false);
    assert.equal(board.get(""), "SERVING");
    assert.equal(board.get("a.v1.A"), "SERVING");
    board.set("a.v1.A", "NOT_SERVING");
    assert.equal(board.get("a.v1.A"), "NOT_SERVING");
  });

  test("has taken the whole shutdown when the first listener is told", () => {
    const board = createHealthBoard({ statuses: { "a.v1.A": "SERVING" } });
    const seen: unknown[] = [];
    board.subscribe(() => seen.push([board.isShutdown, board.get("a.v1.A")]));
    board.shutdown();
    assert.deepEqual(seen[0], [true, "NOT_SERVING"]);
  });

  test("tells the other listeners when one throws, and then throws its error", () => {
    const board = createHealthBoard();
    const told: string[] = [];
    board.subscribe(() => {
      throw new Error("listener broke");
    });
    board.subscribe((change) => told.push(change.kind));
    assert.throws(() => board.shutdown(), new Error("listener broke"));
    assert.deepEqual(told, ["status", "shutdown"]);
  });

  test("does not tell a listener that another one has removed", () => {
    const board = createHealthBoard();
    const told: string[] = [];
    const first = board.subscribe(({ kind }) => {
      told.push(`first ${kind}`);
      first();
      second();
    });
    const second = board.subscribe(({ kind }) => told.push(`second ${kind}`));
    board.shutdown();
    assert.deepEqual(told, ["first status"]);
  });

  test("ends each of two subscriptions of one listener alone", () => {
    const board = createHealthBoard();
    let calls = 0;
    const listener = () => {
      calls++;
    };
    const unsubscribe = board.subscribe(listener);
    board.subscribe(listener);
    unsubscribe();
    board.set("", "UNKNOWN");
    assert.equal(calls, 1);
  });
});

suite("createHealthBoard({ statuses })", () => {
  test("starts with the statuses given", () => {
    const board = createHealthBoard({
      statuses: { "a.v1.A": "SERVING", "": "NOT_SERVING" },
    });
    assert.equal(board.get(""), "NOT_SERVING");
    assert.deepEqual(board.services(), ["", "a.v1.A"]);
  });

  test("refuses a status that is none", () => {
    const statuses: Record<string, string> = { "a.v1.A": "up" };
    assert.throws(
      // As a caller without types would.
      () =>
        createHealthBoard({
          statuses: statuses as Record<string, ServingStatus>,
        }),
      new TypeError('unknown serving status "up" for service "a.v1.A"'),
    );
  });
});
