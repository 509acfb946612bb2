import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { chooseEngine, type EngineFindings } from "./choose-engine.js";

const nothing: EngineFindings = {
  dataDir: ".data",
  withData: [],
  mongod: { kind: "absent", reason: "none on PATH" },
  ferretdb: { kind: "absent", reason: "go is not on PATH" },
};
const system = { kind: "system", path: "/usr/bin/mongod" } as const;
const buildable = { kind: "buildable" } as const;

function refusal(findings: Partial<EngineFindings>): string {
  const choice = chooseEngine({ ...nothing, ...findings });
  assert.equal(choice.engine, "none");
  return choice.engine === "none" ? choice.message : "";
}

suite("chooseEngine()", () => {
  test("takes a mongod before the embedded database", () => {
    for (const mongod of [
      system,
      { kind: "cached", path: "/cache/mongod" } as const,
      { kind: "downloadable" } as const,
    ]) {
      const choice = chooseEngine({ ...nothing, mongod, ferretdb: buildable });
      assert.equal(choice.engine, "mongod");
    }
  });

  test("takes the embedded database without a mongod, and says why", () => {
    for (const ferretdb of [buildable, { kind: "built" } as const]) {
      assert.deepEqual(chooseEngine({ ...nothing, ferretdb }), {
        engine: "ferretdb",
        why: "no mongod: none on PATH",
      });
    }
  });

  test("stays with the embedded database that made the data", () => {
    const choice = chooseEngine({
      ...nothing,
      withData: ["ferretdb"],
      mongod: system,
      ferretdb: buildable,
    });
    assert.deepEqual(choice, { engine: "ferretdb", why: "it made the data" });
  });

  test("stays with the mongod that made the data", () => {
    const choice = chooseEngine({
      ...nothing,
      withData: ["mongod"],
      mongod: system,
      ferretdb: buildable,
    });
    assert.deepEqual(choice, {
      engine: "mongod",
      mongod: system,
      why: "it made the data, installed here",
    });
  });

  test("refuses to hide a mongod's data when there is no mongod", () => {
    const message = refusal({ withData: ["mongod"], ferretdb: buildable });
    assert.match(message, /\.data\/mongod was made by mongod.*none on PATH/);
    assert.match(message, /install mongod, set MONGODB_URI=….*move the folder/);
  });

  test("refuses to hide embedded data when that database cannot be built", () => {
    const message = refusal({ withData: ["ferretdb"], mongod: system });
    assert.match(message, /\.data\/ferretdb was made by.*go is not on PATH/);
  });

  test("refuses to choose between two engines that both hold data", () => {
    const message = refusal({
      withData: ["ferretdb", "mongod"],
      mongod: system,
      ferretdb: buildable,
    });
    assert.match(message, /both .*move one of them away/);
  });

  test("names every way out when there is no database", () => {
    const message = refusal({});
    for (const part of [
      "none on PATH",
      "go is not on PATH",
      "MONGODB_URI",
      "install mongod",
      "install Go",
    ]) {
      assert.ok(message.includes(part), `${part} is not in: ${message}`);
    }
  });
});
