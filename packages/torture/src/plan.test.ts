import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { faultNames, plainNames } from "./faults.js";
import { createPlan, type PlanOptions } from "./plan.js";
import { listRoutes, methodNames, protocolNames } from "./routes.js";

const routes = listRoutes(methodNames, protocolNames);
const calls = (count: number, options: Partial<PlanOptions> = {}) => {
  const next = createPlan({
    seed: 1,
    routes,
    names: plainNames,
    faults: faultNames,
    faultRatio: 0.1,
    messages: 3,
    ...options,
  });
  return Array.from({ length: count }, next);
};

suite("createPlan()", () => {
  test("is the same for a seed, and another for another", () => {
    assert.deepEqual(calls(500, { seed: 9 }), calls(500, { seed: 9 }));
    assert.notDeepEqual(calls(500, { seed: 9 }), calls(500, { seed: 10 }));
  });

  test("takes every way into every method, by its weight", () => {
    const plan = calls(20_000);
    assert.equal(new Set(plan.map(({ route }) => route)).size, 19);
    const proxied = plan.filter(({ route }) => route.method === "Proxy");
    assert.ok(Math.abs(proxied.length / plan.length - 0.4) < 0.02);
    const rest = proxied.filter(
      ({ route }) => route.labels.protocol === "rest",
    );
    assert.ok(Math.abs(rest.length / proxied.length - 0.25) < 0.02);
  });

  test("asks for as many faults as it should, where names go", () => {
    const named = calls(20_000).filter(({ route }) => route.takesNames);
    const failing = named.filter(({ expected }) => expected !== "OK");
    assert.ok(Math.abs(failing.length / named.length - 0.1) < 0.01);
  });

  test("runs through all names and faults before it repeats one", () => {
    const [route] = listRoutes(["RevertName"], ["grpc"]);
    assert.ok(route !== undefined);
    const names = (count: number, faultRatio: number) =>
      calls(count, { routes: [route], faultRatio }).map(
        ({ names }) => names[0],
      );
    assert.deepEqual(names(18, 1).sort(), [...faultNames].sort());
    assert.deepEqual(names(10, 0).sort(), [...plainNames].sort());
  });

  test("puts the fault of a stream into its last message", () => {
    const [route] = listRoutes(["RevertNames"], ["grpc"]);
    assert.ok(route !== undefined);
    for (const { names } of calls(50, { routes: [route], faultRatio: 1 })) {
      assert.equal(names.length, 3);
      const isFault = names.map((name) => faultNames.includes(name as never));
      assert.deepEqual(isFault, [false, false, true]);
    }
  });
});
