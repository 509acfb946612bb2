import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { planProcesses } from "./plan.js";

const envOf = (
  env: NodeJS.ProcessEnv,
  name: string,
): Record<string, string | undefined> => {
  const plan = planProcesses(env);
  const found = plan.processes.find((process) => process.name === name);
  assert.ok(found, name);
  return { ...found.env, readyUrl: found.readyUrl };
};

suite("planProcesses()", () => {
  test("gives a service its well-known ports", () => {
    assert.deepEqual(envOf({}, "edge-worker"), {
      PORT: "8012",
      GRPC_PORT: "50053",
      METRICS_PORT: "9995",
      WORKER_METRICS_PORT: "9994",
      HOST: "127.0.0.1",
      EDGE_URL: "http://127.0.0.1:8012",
      REVERT_NAME_URL: "http://127.0.0.1:8011",
      TIME_URL: "http://127.0.0.1:8010",
      CONSOLES: "time=8010,revert-name=8011,edge=8012",
      MONGODB_URI: "mongodb://127.0.0.1:27017",
      FAULT_INJECTION: "true",
      SHUTDOWN_GRACE_MS: "1500",
      readyUrl: "http://127.0.0.1:9994/readyz",
    });
  });

  test("lets addresses follow overridden ports", () => {
    const env = {
      TIME_PORT: "18010",
      EDGE_METRICS_PORT: "19995",
      DB_PORT: "37017",
      FAULT_INJECTION: "false",
    };
    const edge = envOf(env, "edge");
    assert.equal(edge.TIME_URL, "http://127.0.0.1:18010");
    assert.equal(edge.METRICS_PORT, "19995");
    assert.equal(edge.readyUrl, "http://127.0.0.1:19995/readyz");
    assert.equal(edge.MONGODB_URI, "mongodb://127.0.0.1:37017");
    assert.equal(edge.FAULT_INJECTION, "false");
    assert.equal(envOf(env, "time").PORT, "18010");
  });

  test("connects to an address where it listens on all", () => {
    const ofHost = (HOST: string) => envOf({ HOST }, "edge").EDGE_URL;
    assert.equal(ofHost("0.0.0.0"), "http://127.0.0.1:8012");
    assert.equal(ofHost("::"), "http://[::1]:8012");
    assert.equal(ofHost("::1"), "http://[::1]:8012");
    assert.equal(envOf({ HOST: "0.0.0.0" }, "edge").HOST, "0.0.0.0");
  });

  test("starts no database when one is named", () => {
    const plan = planProcesses({ MONGODB_URI: "mongodb://db/", DB_PORT: "x" });
    assert.equal(plan.database, undefined);
    assert.equal(plan.processes[0]?.env.MONGODB_URI, "mongodb://db/");
  });

  test("refuses a port that is given twice", () => {
    assert.throws(() => planProcesses({ TIME_PORT: "8012" }), {
      message: "TIME_PORT and EDGE_PORT are both 8012",
    });
  });
});
