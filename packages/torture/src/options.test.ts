import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { OptionError, resolveOptions, type TortureOptions } from "./options.js";

suite("resolveOptions()", () => {
  test("always has a bound", () => {
    assert.equal(resolveOptions({}).durationMs, 10_000);
    assert.equal(resolveOptions({ calls: 5 }).durationMs, undefined);
    assert.equal(resolveOptions({ calls: 5, durationMs: 1 }).durationMs, 1);
  });

  for (const url of [
    "http://example.com",
    "http://10.0.0.1:8012",
    "http://0.0.0.0:8012",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "http://127.0.0.1@example.com",
    "http://[::2]:8012",
  ]) {
    test(`refuses ${url}, which is not this machine`, () => {
      assert.throws(() => resolveOptions({ targets: { edge: url } }), {
        name: "OptionError",
        message: /edge is not on this machine/,
      });
    });
  }

  for (const url of [
    "http://localhost:8012",
    "http://127.0.0.1:8012",
    "http://127.8.9.1",
    "http://[::1]:8012",
    "https://127.1",
  ]) {
    test(`takes ${url}, which is this machine`, () => {
      assert.equal(
        resolveOptions({ targets: { edge: url } }).targets.edge,
        url,
      );
    });
  }

  test("takes a host that is allowed by its name, and no other", () => {
    const targets = { edge: "http://edge:8012" };
    for (const allowed of ["edge", "edge:8012"]) {
      resolveOptions({ targets, allowRemote: [allowed] });
    }
    for (const allowed of ["time", "edge:8011", ""]) {
      assert.throws(
        () => resolveOptions({ targets, allowRemote: [allowed] }),
        OptionError,
      );
    }
  });

  const wrong: [why: string, options: TortureOptions, message: RegExp][] = [
    ["two paces", { rate: 1, concurrency: 1 }, /exclude each other/],
    [
      "a rate of nothing",
      { rate: 0 },
      /^rate must be from 0.001 to 100000: 0$/,
    ],
    ["no number", { rate: Number.NaN }, /^rate must be/],
    ["half a caller", { concurrency: 1.5 }, /^concurrency must be a whole/],
    ["no calls", { calls: 0 }, /^calls must be/],
    ["no time", { durationMs: 0 }, /^durationMs must be/],
    ["more faults than calls", { faultRatio: 1.1 }, /^faultRatio must be/],
    ["a tick too soon", { tickIntervalMs: 99 }, /^tickIntervalMs must be/],
    ["no names", { names: [] }, /must not be empty/],
    ["an empty name", { names: [""] }, /1 to 1,024 characters: 0/],
    [
      "a fault as a name",
      { names: ["NOT_FOUND"] },
      /NOT_FOUND asks for a fault/,
    ],
    [
      "no address",
      { targets: { time: "8010" } },
      /time is no http or https URL: 8010/,
    ],
    [
      "nothing to call",
      { methods: ["WatchTime"], protocols: ["rest"] },
      /nothing to call: WatchTime over rest/,
    ],
  ];
  for (const [why, options, message] of wrong) {
    test(`refuses ${why}`, () => {
      assert.throws(() => resolveOptions(options), {
        name: "OptionError",
        message,
      });
    });
  }
});
