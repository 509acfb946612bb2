import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createReadiness } from "./readiness.js";

suite("createReadiness()", () => {
  test("goes from starting to ready to draining", () => {
    const readiness = createReadiness();
    assert.deepEqual(readiness.status(), { status: "starting" });
    readiness.started();
    assert.deepEqual(readiness.status(), { status: "ready" });
    readiness.draining();
    assert.deepEqual(readiness.status(), { status: "draining" });
    readiness.started();
    assert.deepEqual(readiness.status(), { status: "draining" });
  });

  test("is degraded with the reasons of the parts that are down", () => {
    const readiness = createReadiness();
    const database = readiness.part("database");
    const time = readiness.part("time");
    readiness.started();
    time.up();
    database.down("does not answer");
    assert.deepEqual(readiness.status(), {
      status: "degraded",
      reasons: ["database: does not answer"],
    });
    database.up();
    assert.deepEqual(readiness.status(), { status: "ready" });
  });

  test("knows what serves without a part, and what does not", () => {
    const readiness = createReadiness();
    const database = readiness.part("database", ["a.A"]);
    assert.equal(readiness.serves("b.B"), false);
    readiness.started();
    assert.equal(readiness.serves("a.A"), false);
    assert.equal(readiness.serves("b.B"), true);
    database.up();
    assert.equal(readiness.serves("a.A"), true);
  });

  test("tells its listeners of changes alone", () => {
    const readiness = createReadiness();
    const database = readiness.part("database");
    let changes = 0;
    readiness.onChange(() => changes++);
    database.down("away");
    database.down("away");
    assert.equal(changes, 1);
    database.up();
    database.up();
    assert.equal(changes, 2);
  });
});
