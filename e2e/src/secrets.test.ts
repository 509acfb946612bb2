import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { needsDatabase, useDatabase } from "@both-ends/mongo/test-database";
import { freePorts, run, waitFor } from "@both-ends/testing";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
} from "@connectrpc/connect-node";
import { type StartedService, startService } from "./start-service.js";
import { root } from "./use-system.js";

const secrets = {
  METRICS_TOKEN: "metrics-token-0123456789",
  HEARTBEAT_TOKEN: "heartbeat-token-0123456789",
  ADMIN_PASSWORD: "admin-password-0123456789",
  MONGODB_URI: "mongodb://somebody:database-password@127.0.0.1:1/admin",
};
/** What callers show that is not right; it may be nearly so, or another's. */
const wrongToken = "wrong-token-0123456789";

const words = [
  secrets.METRICS_TOKEN,
  secrets.HEARTBEAT_TOKEN,
  secrets.ADMIN_PASSWORD,
  "database-password",
  wrongToken,
];

function assertNoSecret(text: string) {
  for (const word of words) {
    assert.ok(!text.includes(word), `${word} in: ${text}`);
  }
}

/** What has been said so far. */
const outputOf = (service: StartedService) =>
  service.stdout() + service.stderr();

suite("the output of a process", { timeout: 120_000 }, () => {
  test("holds no secret of a server whose calls all fail", async (t) => {
    const service = await startService(t, "edge", {
      ...secrets,
      LOG_LEVEL: "trace",
      REVERT_NAME_URL: "http://127.0.0.1:1",
      TIME_URL: "http://127.0.0.1:1",
    });
    const baseUrl = `http://${service.web}`;
    const answers: string[] = [];
    const beat = async (token: string, transport: "grpc" | "connect") => {
      const { beatHeart } = createClient(
        HeartbeatService,
        transport === "grpc"
          ? createGrpcTransport({ baseUrl })
          : createConnectTransport({ baseUrl, httpVersion: "1.1" }),
      );
      const headers = {
        authorization: `Bearer ${token}`,
        cookie: `session=${token}`,
      };
      return beatHeart({ serviceName: "a" }, { headers, timeoutMs: 10_000 })
        .then(() => assert.fail("it has no database"))
        .catch((reason) => {
          const error = ConnectError.from(reason);
          answers.push(String(error), JSON.stringify([...error.metadata]));
          return error.code;
        });
    };
    for (const transport of ["grpc", "connect"] as const) {
      const good = secrets.HEARTBEAT_TOKEN;
      assert.equal(await beat(wrongToken, transport), Code.Unauthenticated);
      assert.equal(await beat(good, transport), Code.Unavailable);
    }
    for (const [path, token] of [
      ["/metrics", wrongToken],
      [`/nowhere?token=${wrongToken}`, secrets.METRICS_TOKEN],
      ["/proxy/Rodrigo/", secrets.METRICS_TOKEN],
      ["/readyz", secrets.METRICS_TOKEN],
    ]) {
      const headers = { authorization: `Bearer ${token}` };
      answers.push(
        await (await fetch(`${baseUrl}${path}`, { headers })).text(),
      );
    }
    service.child.kill("SIGTERM");
    assert.equal(await service.ended, 0);
    assert.match(service.stdout(), /"call failed"/);
    assertNoSecret(outputOf(service));
    assertNoSecret(answers.join("\n"));
  });

  test("holds no secret of a handler that throws unexpectedly", async (t) => {
    const service = await startService(t, "revert-name", {
      ...secrets,
      LOG_LEVEL: "trace",
      FAULT_INJECTION: "true",
    });
    const { revertName } = createClient(
      RevertNameService,
      createGrpcTransport({ baseUrl: `http://${service.web}` }),
    );
    const headers = { authorization: `Bearer ${wrongToken}` };
    await assert.rejects(revertName({ name: "key_error" }, { headers }));
    await waitFor("the line of the call", () =>
      service.logs().some(({ msg }) => msg === "call failed unexpectedly"),
    );
    assertNoSecret(outputOf(service));
  });

  test(
    "holds no secret of a worker whose heartbeats fail",
    needsDatabase(),
    async (t) => {
      const database = await useDatabase(t);
      const [port] = await freePorts(1);
      const service = await startService(
        t,
        "time",
        {
          ...secrets,
          MONGODB_URI: database.uri,
          EDGE_URL: `http://127.0.0.1:${port}`,
          LOG_LEVEL: "trace",
        },
        "worker",
      );
      await waitFor(
        "a heartbeat that failed",
        () =>
          service
            .logs()
            .some(({ level }) => level === "error" || level === "warn"),
        { timeoutMs: 30_000 },
      );
      assertNoSecret(outputOf(service));
    },
  );

  test("holds no secret of a configuration that is refused", async () => {
    const { code, stdout, stderr } = await run(
      process.execPath,
      [`${root}services/edge/dist/main.js`, "server"],
      {
        env: {
          PATH: process.env.PATH,
          MONGODB_URI: "mongo://somebody:database-password@db",
          METRICS_TOKEN: `${wrongToken} `,
          HEARTBEAT_TOKEN: "short",
        },
      },
    );
    assert.equal(code, 2);
    for (const name of ["MONGODB_URI", "METRICS_TOKEN", "HEARTBEAT_TOKEN"]) {
      assert.ok(stderr.includes(`  ${name}: `), stderr);
    }
    assertNoSecret(stdout + stderr);
  });

  test("is one line of JSON per event, whatever callers send", async (t) => {
    const service = await startService(t, "time");
    const forged = '{"level":"fatal","msg":"forged"}';
    const timeZone = `\u001b[31m\r\n${forged}\n\u2028`;
    const transport = createGrpcTransport({ baseUrl: `http://${service.web}` });
    const { whatTimeIs } = createClient(TimeService, transport);
    const requestId = "log-injection";
    const headers = { "x-request-id": requestId };
    await assert.rejects(whatTimeIs({ timeZone }, { headers }), {
      code: Code.InvalidArgument,
    });
    await fetch(`http://${service.web}/${encodeURIComponent(timeZone)}`);
    // It fails for a line that is not JSON.
    await waitFor("the line of the call", () =>
      service.logs().some(({ request_id }) => request_id === requestId),
    );
    const lines = service.logs();
    assert.ok(lines.every(({ msg }) => msg !== "forged"));
    const line = lines.find(({ request_id }) => request_id === requestId);
    assert.ok(String(line?.reason).includes("forged"), JSON.stringify(line));
    assert.ok(!service.stdout().includes("\u001b"));
  });
});
