import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { waitFor } from "@both-ends/testing";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { readMetrics, sumOf } from "./read-metrics.js";
import { startService } from "./start-service.js";

/** Starts revert-name, with a call that is at work for 30 s. */
async function useBusyService(t: TestContext, env: Record<string, string>) {
  const service = await startService(t, "revert-name", env);
  const { revertName } = createClient(
    RevertNameService,
    createGrpcTransport({ baseUrl: `http://${service.grpc}` }),
  );
  const call = revertName({ name: "a", delay: { seconds: 30n } });
  // Its end is not what is tested, but somebody has to hear of it.
  call.catch(() => {});
  await waitFor("the call to be at work", async () => {
    const labels = { grpc_method: "RevertName" };
    const name = "grpc_server_in_flight";
    return sumOf(await readMetrics(service.metrics), name, labels) === 1;
  });
  return service;
}

suite("a process of a service", { timeout: 60_000 }, () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`ends in order, with 0, after ${signal}`, async (t) => {
      const service = await startService(t, "time");
      service.child.kill(signal);
      assert.equal(await service.ended, 0);
      assert.equal(service.stderr(), "");
      assert.equal(service.logs().at(-1)?.msg, "ending");
    });
  }

  test("cuts what is at work when its grace is over", async (t) => {
    const service = await useBusyService(t, { SHUTDOWN_GRACE_MS: "300" });
    const start = performance.now();
    service.child.kill("SIGTERM");
    assert.equal(await service.ended, 0);
    assert.ok(performance.now() - start < 5_000);
  });

  test("ends at once, with 1, at a second signal", async (t) => {
    const service = await useBusyService(t, { SHUTDOWN_GRACE_MS: "25000" });
    service.child.kill("SIGTERM");
    await waitFor("the first signal to be heard", () =>
      service.logs().some(({ msg }) => msg === "ending"),
    );
    const start = performance.now();
    service.child.kill("SIGTERM");
    assert.equal(await service.ended, 1);
    assert.ok(performance.now() - start < 5_000);
  });

  test("ends with 1 when its port is in use, and says which", async (t) => {
    const { web } = await startService(t, "time");
    const [, PORT = ""] = web.split(":");
    await assert.rejects(startService(t, "time", { PORT }), (error) => {
      assert.match(String(error), new RegExp(`EADDRINUSE.*${PORT}`));
      return true;
    });
  });
});
