import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { needsDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import type { HeartbeatStore } from "./heartbeat-store.js";
import type { HeartbeatChanges } from "./heartbeat-view.js";
import { createHeartbeatWatcher } from "./heartbeat-watcher.js";
import type { StateFilter } from "./list-states.js";
import { useHeartbeatStore } from "./use-heartbeat-store.js";

const options = { ...needsDatabase(), timeout: 30_000 };
const unavailable = { name: "HeartbeatStoreUnavailableError" };
const pollMs = 10;

/** Watches until the test ends; `next` gives the next change in short words. */
function useWatch(
  t: { after(fn: () => void): void },
  watcher: ReturnType<typeof createHeartbeatWatcher>,
  filter?: StateFilter,
) {
  const controller = new AbortController();
  t.after(() => controller.abort());
  const changes = watcher.watch(filter, { signal: controller.signal });
  return {
    controller,
    next: async () => describe((await changes.next()).value),
  };
}

function describe({ services, forgotten }: HeartbeatChanges): string[] {
  return [
    ...services.map((one) => `${one.serviceName} ${one.state} ${one.beats}`),
    ...forgotten.map((name) => `${name} forgotten`),
  ];
}

/** Lets all that waits for no timer go on. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function countReads(store: HeartbeatStore) {
  let reads = 0;
  return {
    reads: () => reads,
    listStates: (...args: Parameters<HeartbeatStore["listStates"]>) => {
      reads += 1;
      return store.listStates(...args);
    },
  };
}

suite("createHeartbeatWatcher().watch()", () => {
  test(
    "gives everything first, also if that is nothing, then each beat",
    options,
    async (t) => {
      const { store } = await useHeartbeatStore(t);
      const watcher = createHeartbeatWatcher(store, { pollMs });
      const { next } = useWatch(t, watcher);
      assert.deepEqual(await next(), []);
      await store.recordBeat({ serviceName: "time", instanceId: "1" });
      assert.deepEqual(await next(), ["time alive 1"]);
      await store.recordBeat({ serviceName: "edge", instanceId: "1" });
      assert.deepEqual(await next(), ["edge alive 1"]);
      await store.recordBeat({ serviceName: "time", instanceId: "1" });
      assert.deepEqual(await next(), ["time alive 2"]);
      const other = useWatch(t, watcher);
      assert.deepEqual(await other.next(), ["edge alive 1", "time alive 2"]);
    },
  );

  test(
    "begins with what was stored before, however long the pause",
    options,
    async (t) => {
      const { store } = await useHeartbeatStore(t);
      const watcher = createHeartbeatWatcher(store, { pollMs: 3_600_000 });
      const first = useWatch(t, watcher);
      assert.deepEqual(await first.next(), []);
      await store.recordBeat({ serviceName: "time", instanceId: "1" });
      assert.deepEqual(await useWatch(t, watcher).next(), ["time alive 1"]);
      assert.deepEqual(await first.next(), ["time alive 1"]);
    },
  );

  test(
    "gives the transitions from alive to late to down and back",
    options,
    async (t) => {
      const { store, clock } = await useHeartbeatStore(t);
      const beat = { serviceName: "time", instanceId: "1", intervalMs: 1_000 };
      await store.recordBeat(beat);
      const { next } = useWatch(t, createHeartbeatWatcher(store, { pollMs }));
      assert.deepEqual(await next(), ["time alive 1"]);
      clock.advance(2_000);
      assert.deepEqual(await next(), ["time late 1"]);
      clock.advance(2_000);
      assert.deepEqual(await next(), ["time down 1"]);
      await store.recordBeat(beat);
      assert.deepEqual(await next(), ["time alive 2"]);
    },
  );

  test(
    "gives a service that leaves the filter once more, and forgotten ones",
    options,
    async (t) => {
      const { store, clock } = await useHeartbeatStore(t);
      const watcher = createHeartbeatWatcher(store, { pollMs });
      await store.recordBeat({ serviceName: "a", instanceId: "1" });
      await store.recordBeat({ serviceName: "b", instanceId: "1" });
      const alive = useWatch(t, watcher, { states: ["alive"] });
      const onlyB = useWatch(t, watcher, { serviceNames: ["b"] });
      assert.deepEqual(await alive.next(), ["a alive 1", "b alive 1"]);
      assert.deepEqual(await onlyB.next(), ["b alive 1"]);
      clock.advance(20_000);
      assert.deepEqual(await alive.next(), ["a late 1", "b late 1"]);
      assert.deepEqual(await onlyB.next(), ["b late 1"]);
      clock.advance(3_600_000);
      assert.deepEqual(await onlyB.next(), ["b down 1"]);
      await store.forget("b");
      assert.deepEqual(await onlyB.next(), ["b forgotten"]);
      await store.recordBeat({ serviceName: "a", instanceId: "1" });
      assert.deepEqual(await alive.next(), ["a alive 2"]);
    },
  );

  test("reads once for all watchers", options, async (t) => {
    const { store } = await useHeartbeatStore(t);
    const counted = countReads(store);
    const watcher = createHeartbeatWatcher(counted, { pollMs: 100 });
    assert.equal(counted.reads(), 0);
    const watches = Array.from({ length: 50 }, () => useWatch(t, watcher));
    await Promise.all(watches.map(({ next }) => next()));
    assert.equal(counted.reads(), 2);
    const begun = performance.now();
    await store.recordBeat({ serviceName: "time", instanceId: "1" });
    const seen = await Promise.all(watches.map(({ next }) => next()));
    assert.deepEqual(new Set(seen.flat()), new Set(["time alive 1"]));
    const most = 3 + (performance.now() - begun) / 100;
    assert(counted.reads() <= most, `${counted.reads()} reads, not ${most}`);
  });

  test("reads once a second, and not at all while nobody watches", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    let reads = 0;
    const watcher = createHeartbeatWatcher({
      listStates: async () => {
        reads += 1;
        return [];
      },
    });
    t.mock.timers.tick(60_000);
    assert.equal(reads, 0);
    const { controller, next } = useWatch(t, watcher);
    await next();
    const ended = assert.rejects(next());
    for (let second = 0; second < 10; second += 1) {
      t.mock.timers.tick(999);
      await settled();
      t.mock.timers.tick(1);
      await settled();
      assert.equal(reads, second + 2);
    }
    controller.abort();
    await ended;
    t.mock.timers.tick(60_000);
    await settled();
    assert.equal(reads, 11);
  });

  test("reads no more when the last watcher breaks out of its loop", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    let reads = 0;
    const watcher = createHeartbeatWatcher({
      listStates: async () => {
        reads += 1;
        return [];
      },
    });
    for await (const { services } of watcher.watch()) {
      assert.deepEqual(services, []);
      break;
    }
    t.mock.timers.tick(60_000);
    await settled();
    assert.equal(reads, 1);
  });

  test(
    "gives a slow consumer one change for all it missed, the newest",
    options,
    async (t) => {
      const { store } = await useHeartbeatStore(t);
      const counted = countReads(store);
      const watcher = createHeartbeatWatcher(counted, { pollMs: 1 });
      const slow = useWatch(t, watcher);
      assert.deepEqual(await slow.next(), []);
      for (let beats = 0; beats < 20; beats += 1) {
        await store.recordBeat({ serviceName: "a", instanceId: "1" });
        await store.recordBeat({ serviceName: "b", instanceId: "1" });
      }
      const reads = counted.reads();
      await waitFor("two more reads", () => counted.reads() > reads + 2);
      assert.deepEqual(await slow.next(), ["a alive 20", "b alive 20"]);
    },
  );

  test("ends by its signal with the reason, at once", options, async (t) => {
    const { store } = await useHeartbeatStore(t);
    const watcher = createHeartbeatWatcher(store, { pollMs: 3_600_000 });
    const { controller, next } = useWatch(t, watcher);
    await next();
    const waiting = next();
    const reason = new Error("the caller left");
    controller.abort(reason);
    await assert.rejects(waiting, (error) => error === reason);
    const signal = AbortSignal.abort(reason);
    await assert.rejects(
      watcher.watch({}, { signal }).next(),
      (error) => error === reason,
    );
  });

  test(
    "ends as unavailable when the database is killed, and begins anew when it is back",
    options,
    async (t) => {
      const { store, database } = await useHeartbeatStore(t);
      const watcher = createHeartbeatWatcher(store, { pollMs });
      await store.recordBeat({ serviceName: "time", instanceId: "1" });
      const watches = [useWatch(t, watcher), useWatch(t, watcher)];
      await Promise.all(watches.map(({ next }) => next()));
      const ends = watches.map(({ next }) =>
        assert.rejects(next(), unavailable),
      );
      await database.kill();
      await Promise.all(ends);
      await assert.rejects(useWatch(t, watcher).next(), unavailable);
      await database.restart();
      assert.deepEqual(await useWatch(t, watcher).next(), ["time alive 1"]);
    },
  );

  test("ends as unavailable when the database hangs", options, async (t) => {
    const { store, database } = await useHeartbeatStore(t, { timeoutMs: 300 });
    const watcher = createHeartbeatWatcher(store, { pollMs });
    const { next } = useWatch(t, watcher);
    await next();
    await database.stop();
    await assert.rejects(next(), unavailable);
  });

  test(
    "ends all watchers as unavailable when it closes",
    options,
    async (t) => {
      const { store } = await useHeartbeatStore(t);
      const watcher = createHeartbeatWatcher(store, { pollMs });
      const { next } = useWatch(t, watcher);
      await next();
      const end = assert.rejects(next(), unavailable);
      watcher.close();
      await end;
      await assert.rejects(useWatch(t, watcher).next(), unavailable);
    },
  );
});
