import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { createSharedPoll } from "./shared-poll.js";

/** A source that counts its reads; each read waits while the gate is shut. */
function createSource() {
  let reads = 0;
  let failure: Error | undefined;
  let gate = Promise.resolve();
  return {
    reads: () => reads,
    fail(error: Error | undefined) {
      failure = error;
    },
    shut(): () => void {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return open;
    },
    async read(): Promise<number> {
      reads += 1;
      const read = reads;
      await gate;
      if (failure !== undefined) {
        throw failure;
      }
      return read;
    },
  };
}

const hourMs = 3_600_000;

/** Lets all that waits for no timer go on. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

suite("createSharedPoll()", { timeout: 20_000 }, () => {
  test("reads nothing while nobody has joined, and rests when the last leaves", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const source = createSource();
    const poll = createSharedPoll(source.read, { pollMs: 5 });
    t.mock.timers.tick(hourMs);
    await settled();
    assert.equal(source.reads(), 0);
    const member = poll.join();
    await member.next();
    t.mock.timers.tick(5);
    await member.next();
    assert.equal(source.reads(), 2);
    member.leave();
    t.mock.timers.tick(hourMs);
    await settled();
    assert.equal(source.reads(), 2);
    const other = poll.join();
    await other.next();
    other.leave();
    assert.equal(source.reads(), 3);
  });

  test("reads no sooner than after the pause", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const source = createSource();
    const poll = createSharedPoll(source.read, { pollMs: 1_000 });
    const member = poll.join();
    t.after(() => member.leave());
    await member.next();
    t.mock.timers.tick(999);
    await settled();
    assert.equal(source.reads(), 1);
    t.mock.timers.tick(1);
    await member.next();
    assert.equal(source.reads(), 2);
  });

  test("makes one read for all members", async (t) => {
    const source = createSource();
    const poll = createSharedPoll(source.read, { pollMs: 5 });
    const members = Array.from({ length: 100 }, () => poll.join());
    t.after(() => {
      for (const member of members) {
        member.leave();
      }
    });
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(members.map((member) => member.next()));
    }
    // The first of them begins a read that comes too early for the others.
    assert.equal(source.reads(), 6);
  });

  test("gives who joins a read that began after that, at once", async (t) => {
    const source = createSource();
    const poll = createSharedPoll(source.read, { pollMs: hourMs });
    const one = poll.join();
    t.after(() => one.leave());
    assert.equal(await one.next(), 1);
    const open = source.shut();
    const two = poll.join();
    t.after(() => two.leave());
    await waitFor("the second read to begin", () => source.reads() === 2);
    const three = poll.join();
    t.after(() => three.leave());
    open();
    assert.equal(await two.next(), 2);
    assert.equal(await three.next(), 3);
    assert.equal(await one.next(), 3);
    assert.equal(source.reads(), 3);
  });

  test("gives a slow member the newest, and keeps nothing for it", async (t) => {
    const source = createSource();
    const poll = createSharedPoll(source.read, { pollMs: 1 });
    const slow = poll.join();
    t.after(() => slow.leave());
    await waitFor("many reads", () => source.reads() > 20);
    assert((await slow.next()) >= 20);
    assert((await slow.next()) >= 21);
  });

  test("ends the members there are with the error of a read, and works for the next", async (t) => {
    const source = createSource();
    const poll = createSharedPoll(source.read, { pollMs: 1 });
    const waiting = poll.join();
    const slow = poll.join();
    await waiting.next();
    const away = new Error("away");
    source.fail(away);
    await assert.rejects(async () => {
      for (;;) {
        await waiting.next();
      }
    }, away);
    await assert.rejects(slow.next(), away);
    const reads = source.reads();
    source.fail(undefined);
    const later = poll.join();
    t.after(() => later.leave());
    assert.equal(await later.next(), reads + 1);
  });

  test("ends one member by its signal, with the reason, and no other", async (t) => {
    const source = createSource();
    const poll = createSharedPoll(source.read, { pollMs: 20 });
    const controller = new AbortController();
    const [one, two] = [poll.join(controller.signal), poll.join()];
    t.after(() => two.leave());
    await one.next();
    const ended = assert.rejects(
      async () => {
        for (;;) {
          await one.next();
        }
      },
      (error) => error === reason,
    );
    const reason = new Error("the caller left");
    controller.abort(reason);
    await ended;
    assert.equal(await two.next(), 2);
    assert.equal(await two.next(), 3);
  });

  test("rests when the signal of the last aborts, though that asks no more", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const source = createSource();
    const poll = createSharedPoll(source.read, { pollMs: 5 });
    const controller = new AbortController();
    const member = poll.join(controller.signal);
    await member.next();
    controller.abort(new Error("the caller left"));
    t.mock.timers.tick(hourMs);
    await settled();
    assert.equal(source.reads(), 1);
    await assert.rejects(member.next(), { message: "the caller left" });
  });

  test("refuses a signal that has aborted, without a read", async () => {
    const source = createSource();
    const poll = createSharedPoll(source.read, { pollMs: 5 });
    const reason = new Error("the caller left");
    const member = poll.join(AbortSignal.abort(reason));
    await assert.rejects(member.next(), (error) => error === reason);
    assert.equal(source.reads(), 0);
  });

  test("leaves no listener on a signal", async () => {
    const poll = createSharedPoll(createSource().read, { pollMs: 1 });
    const { signal } = new AbortController();
    const member = poll.join(signal);
    for (let round = 0; round < 5; round += 1) {
      await member.next();
      assert.equal(getEventListeners(signal, "abort").length, 1);
    }
    member.leave();
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  test("ends members of now and later when it closes, and reads no more", async () => {
    const source = createSource();
    const poll = createSharedPoll(source.read, { pollMs: hourMs });
    const member = poll.join();
    await member.next();
    const next = member.next();
    const closed = new Error("closed");
    poll.close(closed);
    await assert.rejects(next, closed);
    await assert.rejects(poll.join().next(), closed);
    assert.equal(source.reads(), 1);
  });
});
