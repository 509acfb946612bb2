import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { expectedCounts } from "./expected-counts.js";
import { faultCodes } from "./faults.js";
import type { TortureOptions } from "./options.js";
import { readSamples, type Sample } from "./read-counters.test.js";
import { targetNames } from "./routes.js";
import { type Services, startServices } from "./services-fixture.test.js";
import { torture } from "./torture.js";

suite("torture() on the services", { timeout: 240_000 }, () => {
  let services: Services;
  const cleanUps: (() => Promise<void>)[] = [];
  before(async () => {
    services = await startServices({
      after: (cleanUp: () => Promise<void>) => {
        cleanUps.push(cleanUp);
      },
    });
  });
  after(async () => {
    await Promise.all(cleanUps.map((cleanUp) => cleanUp()));
  });
  const run = (options: TortureOptions) =>
    torture({ targets: services.targets, timeoutMs: 60_000, ...options });

  for (const [title, pace] of [
    ["callers that wait", { concurrency: 8 }],
    ["a steady rate", { rate: 40 }],
  ] as const) {
    test(`counts with ${title} exactly what the services count`, async () => {
      const before = await readAll(services);
      const result = await run({
        ...pace,
        calls: 240,
        faultRatio: 0.5,
        // The next tick must not be on its way when the watcher leaves.
        ticks: 1,
        tickIntervalMs: 60_000,
        seed: 7,
      });
      assert.equal(result.calls, 240);
      assert.equal(result.unexpected, 0, JSON.stringify(result.mismatches));
      const kinds = new Set(
        result.series.map(
          ({ protocol, grpc_method }) => `${protocol} ${grpc_method}`,
        ),
      );
      assert.equal(kinds.size, 19, "six methods by three protocols, and REST");
      const want = wantedGrowth(expectedCounts(result));
      assert.ok(want.size > 50, `${want.size} counters`);
      let grown = new Map<string, number>();
      // An end that the client knows of can still be news to the server.
      await waitFor("the servers to have counted", async () => {
        grown = growth(before, await readAll(services));
        return grown.size === want.size;
      }).catch(() => {});
      assert.deepEqual(
        Object.fromEntries([...grown].sort()),
        Object.fromEntries([...want].sort()),
      );
    });
  }

  for (const protocol of ["rest", "grpc", "grpc_web", "connect"] as const) {
    test(`asks for each of the 18 faults over ${protocol}`, async () => {
      const result = await run({
        methods: ["Proxy"],
        protocols: [protocol],
        faultRatio: 1,
        calls: 18,
        concurrency: 4,
      });
      const want: Record<string, number> = {};
      for (const code of Object.values(faultCodes)) {
        want[code] = (want[code] ?? 0) + 1;
      }
      assert.deepEqual(
        Object.fromEntries(result.series.map((s) => [s.code, s.count]).sort()),
        Object.fromEntries(Object.entries(want).sort()),
      );
      assert.equal(result.unexpected, 0);
    });
  }

  test("makes the same calls again for the same seed", async () => {
    const counts = async (seed: number) => {
      const { series } = await run({ calls: 80, seed, tickIntervalMs: 100 });
      return series.map(({ protocol, grpc_method, code, count }) =>
        [protocol, grpc_method, code, count].join(" "),
      );
    };
    const first = await counts(42);
    assert.deepEqual(await counts(42), first);
    assert.notDeepEqual(await counts(43), first);
  });

  test("counts the messages of streams", async () => {
    const { methods } = await run({
      methods: ["RevertNames", "WatchTime", "BeatHearts"],
      protocols: ["grpc"],
      calls: 60,
      messages: 4,
      ticks: 2,
      tickIntervalMs: 100,
      faultRatio: 0,
      seed: 3,
    });
    const messages = Object.fromEntries(
      methods.map(({ grpc_method, count, sent, received }) => [
        grpc_method,
        [sent / count, received / count],
      ]),
    );
    assert.deepEqual(messages, {
      BeatHearts: [4, 1],
      RevertNames: [4, 4],
      WatchTime: [1, 2],
    });
  });
});

/** The counters of all services, by target, name and labels. */
async function readAll({ metrics }: Services): Promise<Map<string, number>> {
  const counters = new Map<string, number>();
  for (const target of targetNames) {
    for (const sample of await readSamples(metrics[target])) {
      if (/_total$/.test(sample.name)) {
        counters.set(keyOf(target, sample), sample.value);
      }
    }
  }
  return counters;
}

function keyOf(target: string, { name, labels }: Omit<Sample, "value">) {
  const { grpc_type, grpc_service, grpc_method, grpc_code = "" } = labels;
  return [target, name, grpc_type, grpc_service, grpc_method, grpc_code]
    .join(" ")
    .trim();
}

/** What has grown, and by how much. */
function growth(before: Map<string, number>, now: Map<string, number>) {
  return new Map(
    [...now]
      .map(([key, value]) => [key, value - (before.get(key) ?? 0)] as const)
      .filter(([, value]) => value !== 0),
  );
}

function wantedGrowth(counts: ReturnType<typeof expectedCounts>) {
  const growth = new Map<string, number>();
  const add = (key: string, value: number) => {
    if (value !== 0) {
      growth.set(key, (growth.get(key) ?? 0) + value);
    }
  };
  for (const count of counts) {
    const { target, side, grpc_type, grpc_service, grpc_method } = count;
    const labels = { grpc_type, grpc_service, grpc_method };
    const key = (name: string, more = {}) =>
      keyOf(target, {
        name: `grpc_${side}_${name}_total`,
        labels: { ...labels, ...more },
      });
    add(key("started"), count.handled);
    add(key("handled", { grpc_code: count.grpc_code }), count.handled);
    add(key("msg_received"), count.msgReceived);
    add(key("msg_sent"), count.msgSent);
  }
  return growth;
}
