import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createHealthBoard } from "./health-board.js";
import { countListeners } from "./health-fixture.test.js";
import { watchStatus } from "./watch-status.js";

suite("watchStatus()", { timeout: 10_000 }, () => {
  const { signal } = new AbortController();

  test("gives the status at once and then each change", async () => {
    const board = createHealthBoard();
    const watch = watchStatus(board, "", signal);
    assert.equal((await watch.next()).value, "SERVING");
    const next = watch.next();
    board.set("", "NOT_SERVING");
    assert.equal((await next).value, "NOT_SERVING");
    await watch.return();
  });

  test("gives SERVICE_UNKNOWN until the service is set", async () => {
    const board = createHealthBoard();
    const watch = watchStatus(board, "a.v1.A", signal);
    assert.equal((await watch.next()).value, "SERVICE_UNKNOWN");
    const next = watch.next();
    board.set("b.v1.B", "SERVING");
    board.set("a.v1.A", "SERVING");
    assert.equal((await next).value, "SERVING");
    await watch.return();
  });

  test("gives a slow consumer the newest status only", async () => {
    const board = createHealthBoard();
    const watch = watchStatus(board, "", signal);
    assert.equal((await watch.next()).value, "SERVING");
    for (let round = 0; round < 1000; round++) {
      board.set("", "UNKNOWN");
      board.set("", "NOT_SERVING");
    }
    assert.equal((await watch.next()).value, "NOT_SERVING");
    board.set("", "SERVING");
    board.set("", "NOT_SERVING");
    const next = watch.next();
    board.set("", "UNKNOWN");
    assert.equal((await next).value, "UNKNOWN");
    await watch.return();
  });

  test("ends after a shutdown, having said NOT_SERVING", async () => {
    const board = createHealthBoard({ statuses: { "a.v1.A": "NOT_SERVING" } });
    const server = watchStatus(board, "", signal);
    const service = watchStatus(board, "a.v1.A", signal);
    const unknown = watchStatus(board, "b.v1.B", signal);
    assert.equal((await server.next()).value, "SERVING");
    assert.equal((await service.next()).value, "NOT_SERVING");
    assert.equal((await unknown.next()).value, "SERVICE_UNKNOWN");
    const waiting = [server.next(), service.next(), unknown.next()];
    board.shutdown();
    assert.deepEqual(await Promise.all(waiting), [
      { done: false, value: "NOT_SERVING" },
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    assert.equal((await server.next()).done, true);
  });

  test("throws the signal's reason when it aborts", async () => {
    const abort = new AbortController();
    const watch = watchStatus(createHealthBoard(), "", abort.signal);
    await watch.next();
    const next = watch.next();
    const reason = new Error("caller left");
    abort.abort(reason);
    await assert.rejects(next, reason);
    const late = watchStatus(createHealthBoard(), "", abort.signal);
    await assert.rejects(late.next(), reason);
  });

  test("leaves no listener behind, however it ends", async () => {
    const board = createHealthBoard();
    const count = countListeners(board);
    const left = watchStatus(board, "", signal);
    await left.next();
    const changed = left.next();
    assert.equal(count(), 1);
    board.set("", "UNKNOWN");
    await changed;
    await left.return();
    assert.equal(count(), 0);

    const abort = new AbortController();
    const aborted = watchStatus(board, "", abort.signal);
    await aborted.next();
    const aborting = assert.rejects(aborted.next());
    assert.equal(count(), 1);
    abort.abort();
    await aborting;
    assert.equal(count(), 0);

    const ended = watchStatus(board, "a.v1.A", signal);
    await ended.next();
    const end = ended.next();
    assert.equal(count(), 1);
    board.shutdown();
    assert.equal((await end).done, true);
    assert.equal(count(), 0);
  });
});
