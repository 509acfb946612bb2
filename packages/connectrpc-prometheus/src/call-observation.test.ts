import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { create } from "@bufbuild/protobuf";
import { Code, createContextValues } from "@connectrpc/connect";
import { Registry } from "prom-client";
import type { ObservableCall } from "./call-observation.js";
import { oneCall, readSamples } from "./sample-fixture.test.js";
import { createServerMetrics } from "./server-metrics.js";

const { revertName } = RevertNameService.method;

function callOf(timeoutMs?: number): ObservableCall {
  return {
    method: revertName,
    header: new Headers({ "content-type": "application/grpc" }),
    contextValues: createContextValues(),
    timeoutMs,
    request: undefined,
  };
}

suite("ServerMetrics.observation", () => {
  test("counts a call and its messages once", async () => {
    const registry = new Registry();
    const { observation } = createServerMetrics({ registry });
    const call = observation.start(callOf());
    assert.ok(call);
    assert.equal(
      (await readSamples(registry, "server"))["RevertName in_flight"],
      1,
    );
    call.received(revertName.input, create(revertName.input));
    call.sent(revertName.output, create(revertName.output));
    call.end(0);
    call.gone();
    assert.deepEqual(
      await readSamples(registry, "server"),
      oneCall("RevertName", "OK", { received: 1, sent: 1 }),
    );
  });

  for (const [timeoutMs, code] of [
    [undefined, "Canceled"],
    [60_000, "Canceled"],
    [0.001, "DeadlineExceeded"],
  ] as const) {
    test(`counts ${code} for a caller that leaves with a timeout of ${timeoutMs} ms`, async () => {
      const registry = new Registry();
      const { observation } = createServerMetrics({ registry });
      observation.start(callOf(timeoutMs))?.gone();
      assert.deepEqual(
        await readSamples(registry, "server"),
        oneCall("RevertName", code),
      );
    });
  }

  test("leaves out what the filter does, and stands for the interceptor", async () => {
    const registry = new Registry();
    const { observation, interceptor } = createServerMetrics({
      registry,
      filter: () => false,
    });
    assert.equal(observation.start(callOf()), undefined);
    assert.equal(observation.replaces, interceptor);
  });

  test("has no exemplar for a call that never came to a handler", async () => {
    const registry = new Registry();
    // prom-client's type of a registry is that of its first content type.
    const openMetrics = registry as unknown as Registry<
      typeof Registry.OPENMETRICS_CONTENT_TYPE
    >;
    openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const { observation } = createServerMetrics({
      registry: openMetrics,
      exemplar: (req) => ({ trace_id: req.url }),
    });
    observation.start(callOf())?.end(Code.Internal);
    assert.doesNotMatch(await registry.metrics(), /trace_id/);
  });
});
