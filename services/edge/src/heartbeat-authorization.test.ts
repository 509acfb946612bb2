import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { readConfig } from "@both-ends/service";
import { run } from "@both-ends/testing";
import { Code } from "@connectrpc/connect";
import { edge } from "./app.js";
import { createHeartbeatAuthorization } from "./heartbeat-authorization.js";

const HEARTBEAT_TOKEN = "0123456789abcdef";

function useAuthorization(env: Record<string, string>) {
  const MONGODB_URI = "mongodb://db";
  return createHeartbeatAuthorization(
    readConfig(edge.config, { MONGODB_URI, ...env }),
  );
}

function call(method: keyof typeof HeartbeatService.method, token?: string) {
  const requestHeader = new Headers();
  if (token !== undefined) {
    requestHeader.set("authorization", `Bearer ${token}`);
  }
  return { method: HeartbeatService.method[method], requestHeader };
}

suite("createHeartbeatAuthorization()", () => {
  test("lets beats with the token pass, and no other", () => {
    const authorize = useAuthorization({ HEARTBEAT_TOKEN });
    for (const method of ["beatHeart", "beatHearts"] as const) {
      authorize(call(method, HEARTBEAT_TOKEN));
      for (const token of [undefined, "", "0123456789abcdeF", "x"]) {
        assert.throws(() => authorize(call(method, token)), {
          code: Code.Unauthenticated,
        });
      }
    }
  });

  test("asks readers for nothing", () => {
    const authorize = useAuthorization({ HEARTBEAT_TOKEN });
    authorize(call("listHeartbeats"));
    authorize(call("watchHeartbeats"));
  });

  test("asks for nothing on this machine without a token", () => {
    for (const HOST of ["127.0.0.1", "localhost", "::1"]) {
      useAuthorization({ HOST })(call("beatHeart"));
    }
  });

  test("ends edge with exit code 2 where anyone could beat", async () => {
    const program = fileURLToPath(new URL("./main.js", import.meta.url));
    const { code, stderr } = await run("node", [program, "server"], {
      env: {
        PATH: process.env.PATH,
        MONGODB_URI: "mongodb://127.0.0.1:1",
        HOST: "0.0.0.0",
        PORT: "0",
        GRPC_PORT: "0",
        METRICS_PORT: "0",
      },
    });
    assert.equal(code, 2);
    assert.match(stderr, /HEARTBEAT_TOKEN: is required on 0\.0\.0\.0/);
  });

  test("refuses to start on the network with neither token nor certificates", () => {
    const HOST = "0.0.0.0";
    assert.throws(() => useAuthorization({ HOST }), {
      name: "ConfigError",
      message: /HEARTBEAT_TOKEN: is required on 0\.0\.0\.0/,
    });
    useAuthorization({ HOST, HEARTBEAT_TOKEN });
    useAuthorization({ HOST, TLS_CLIENT_CA_FILE: "ca.pem" });
    useAuthorization({ HOST, ALLOW_OPEN_HEARTBEATS: "true" });
  });
});
