import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { baseOptions, ConfigError, readConfig } from "./config.js";

const schema = z.object({
  ...baseOptions({
    port: 1,
    grpcPort: 2,
    metricsPort: 3,
    workerMetricsPort: 4,
  }),
});
const MONGODB_URI = "mongodb://user:secret@db:27017";

suite("readConfig()", () => {
  test("takes defaults for what is absent or empty", () => {
    const config = readConfig(schema, { MONGODB_URI, PORT: "", HOST: "" });
    assert.equal(config.PORT, 1);
    assert.equal(config.WORKER_METRICS_PORT, 4);
    assert.equal(config.HOST, "127.0.0.1");
    assert.deepEqual(config.CORS_ORIGINS, []);
  });

  test("reads numbers and lists", () => {
    const config = readConfig(schema, {
      MONGODB_URI,
      PORT: "8080",
      CORS_ORIGINS: "http://a.example, http://b.example",
    });
    assert.equal(config.PORT, 8080);
    assert.deepEqual(config.CORS_ORIGINS, [
      "http://a.example",
      "http://b.example",
    ]);
  });

  test("names every mistake at once, and no value", () => {
    const env = {
      MONGODB_URI: "postgres://user:secret@db",
      PORT: "eighty",
      GRPC_PORT: "70000",
      LOG_LEVEL: "loud",
      EDGE_URL: "edge",
    };
    assert.throws(
      () => readConfig(schema, env),
      (error) => {
        assert.ok(error instanceof ConfigError);
        for (const name of Object.keys(env)) {
          assert.ok(error.message.includes(`${name}: `), error.message);
        }
        assert.equal(error.mistakes.length, Object.keys(env).length);
        assert.doesNotMatch(error.message, /secret|eighty/);
        return true;
      },
    );
  });

  test("asks for the database", () => {
    assert.throws(() => readConfig(schema, {}), {
      message: /MONGODB_URI: is required/,
    });
  });
});
