import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { waitFor } from "@both-ends/testing";
import {
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
} from "@connectrpc/connect";
import {
  createHealthBoard,
  createHealthRoutes,
  Health,
} from "connectrpc-health";
import { Registry } from "prom-client";
import { createAdmission } from "./admission.js";

function useAdmission(maxInFlight: number) {
  const registry = new Registry();
  const admission = createAdmission({ maxInFlight, registry });
  let handled = 0;
  const transport = createRouterTransport(
    (router) => {
      createHealthRoutes(createHealthBoard())(router);
      router.service(RevertNameService, {
        async revertName({ name }, { signal }) {
          handled++;
          if (name === "wait") {
            await new Promise((_, reject) => {
              signal.addEventListener("abort", () => reject(signal.reason));
            });
          }
          if (name === "fail") {
            throw new Error("broken");
          }
          return {};
        },
      });
    },
    { router: { requestGate: admission.requestGate } },
  );
  return {
    admission,
    registry,
    handled: () => handled,
    client: createClient(RevertNameService, transport),
    health: createClient(Health, transport),
  };
}

suite("createAdmission()", () => {
  test("turns away what is over the limit, before it is handled", async () => {
    const { client, handled, registry } = useAdmission(2);
    const caller = new AbortController();
    const waiting = [1, 2].map(() =>
      assert.rejects(
        client.revertName({ name: "wait" }, { signal: caller.signal }),
      ),
    );
    await waitFor("two calls", () => handled() === 2);
    await assert.rejects(client.revertName({ name: "a" }), (error) => {
      assert.ok(error instanceof ConnectError);
      assert.equal(error.code, Code.Unavailable);
      assert.equal(error.metadata.get("retry-after"), "1");
      return true;
    });
    assert.equal(handled(), 2);
    assert.match(await registry.metrics(), /^service_calls_shed_total 1$/m);
    caller.abort();
    await Promise.all(waiting);
    await client.revertName({ name: "a" });
  });

  test("counts a call out however it ends", async () => {
    const { client } = useAdmission(1);
    for (let i = 0; i < 3; i++) {
      await client.revertName({ name: "a" });
      await assert.rejects(client.revertName({ name: "fail" }), {
        code: Code.Internal,
      });
      const options = { timeoutMs: 10 };
      await assert.rejects(client.revertName({ name: "wait" }, options), {
        code: Code.DeadlineExceeded,
      });
      // The handler hears of the deadline a moment later.
      await waitFor("the place to be free", () =>
        client.revertName({ name: "a" }).then(() => true),
      );
    }
  });

  test("always answers health", async () => {
    const { admission, health } = useAdmission(1);
    const leave = admission.enter();
    assert.ok(leave);
    assert.equal(admission.enter(), undefined);
    await health.check({});
    leave();
    assert.ok(admission.enter());
  });
});
