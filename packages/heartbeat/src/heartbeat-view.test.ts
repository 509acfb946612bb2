import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { HeartbeatStateName } from "./heartbeat-state.js";
import { createHeartbeatView } from "./heartbeat-view.js";
import type { ServiceState } from "./list-states.js";

const firstSeen = new Date("2026-01-02T03:04:05.678Z");

function service(
  serviceName: string,
  state: HeartbeatStateName = "alive",
  beats = 1,
): ServiceState {
  return {
    serviceName,
    instanceId: "host:1",
    intervalMs: 10_000,
    firstSeen,
    lastSeen: new Date(firstSeen.getTime() + beats),
    beats,
    state,
  };
}

const nothing = { services: [], forgotten: [] };

suite("createHeartbeatView().update()", () => {
  test("shows everything at first, then nothing that is the same", () => {
    const view = createHeartbeatView({});
    const states = [service("a"), service("b", "down")];
    assert.deepEqual(view.update(states), { services: states, forgotten: [] });
    assert.deepEqual(view.update([...states]), nothing);
  });

  test("shows a beat, a transition and a new service, and only those", () => {
    const view = createHeartbeatView({});
    view.update([service("a"), service("b"), service("c")]);
    const changed = [service("a", "alive", 2), service("c", "late")];
    assert.deepEqual(
      view.update([...changed, service("b"), service("d")]).services,
      [...changed, service("d")],
    );
  });

  test("shows the newest of what changed several times", () => {
    const view = createHeartbeatView({});
    view.update([service("a")]);
    const newest = service("a", "alive", 90);
    assert.deepEqual(view.update([newest]).services, [newest]);
  });

  test("names services that were forgotten, once", () => {
    const view = createHeartbeatView({});
    view.update([service("a"), service("b"), service("c")]);
    const forgotten = { services: [], forgotten: ["a", "c"] };
    assert.deepEqual(view.update([service("b")]), forgotten);
    assert.deepEqual(view.update([service("b")]), nothing);
  });

  test("shows a service that was forgotten and is back with as many beats", () => {
    const view = createHeartbeatView({});
    view.update([service("a")]);
    const back = { ...service("a"), firstSeen: new Date(0) };
    assert.deepEqual(view.update([back]).services, [back]);
  });

  test("shows only the services that it is asked for", () => {
    const view = createHeartbeatView({ serviceNames: ["b"] });
    assert.deepEqual(view.update([service("a"), service("b")]).services, [
      service("b"),
    ]);
    assert.deepEqual(view.update([service("b")]), nothing);
    assert.deepEqual(view.update([]).forgotten, ["b"]);
  });

  test("shows a service that leaves by its state once more, then no more", () => {
    const view = createHeartbeatView({ states: ["late"] });
    assert.deepEqual(view.update([service("a")]), nothing);
    const late = service("a", "late");
    assert.deepEqual(view.update([late]).services, [late]);
    const down = service("a", "down");
    assert.deepEqual(view.update([down]).services, [down]);
    assert.deepEqual(view.update([service("a", "alive", 2)]), nothing);
    assert.deepEqual(view.update([]), nothing);
  });

  test("shows a service again when it comes back into the filter", () => {
    const view = createHeartbeatView({ states: ["alive"] });
    view.update([service("a")]);
    view.update([service("a", "late")]);
    assert.deepEqual(view.update([service("a")]).services, [service("a")]);
  });
});
