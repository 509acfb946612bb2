import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import {
  HeartbeatStoreUnavailableError,
  type IncomingBeat,
} from "@both-ends/heartbeat";
import { Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { createValidateInterceptor } from "@connectrpc/validate";
import { createBeatHearts } from "./beat-hearts.js";

function useBeatHearts(onBeat: (beat: IncomingBeat) => void = () => {}) {
  const stored: IncomingBeat[] = [];
  const recordBeat = async (beat: IncomingBeat) => {
    onBeat(beat);
    stored.push(beat);
    return { time: new Date() };
  };
  const transport = createRouterTransport(
    (router) => {
      router.service(HeartbeatService, {
        beatHearts: createBeatHearts({ recordBeat }),
      });
    },
    // As in the running service: it must not refuse the whole stream.
    { router: { interceptors: [createValidateInterceptor()] } },
  );
  const { beatHearts } = createClient(HeartbeatService, transport);
  const send = (serviceNames: Iterable<string>) =>
    beatHearts(
      (async function* () {
        for (const serviceName of serviceNames) {
          yield { beat: { serviceName, instanceId: "a" } };
        }
      })(),
    );
  return { stored, send };
}

suite("BeatHearts", () => {
  test("stores the good beats, and says why it refused the others", async () => {
    const { stored, send } = useBeatHearts();
    const summary = await send(["time", "Not OK", "edge", ""]);
    assert.equal(summary.accepted, 2n);
    assert.equal(summary.rejectedCount, 2n);
    assert.deepEqual(
      summary.rejected.map(({ index, serviceName }) => [index, serviceName]),
      [
        [1n, "Not OK"],
        [3n, ""],
      ],
    );
    assert.match(String(summary.rejected[0]?.reason), /^service_name: /);
    assert.ok(summary.serverTime);
    assert.deepEqual(
      stored.map(({ serviceName }) => serviceName),
      ["time", "edge"],
    );
  });

  test("answers an empty stream", async () => {
    const { accepted, rejectedCount } = await useBeatHearts().send([]);
    assert.equal(accepted, 0n);
    assert.equal(rejectedCount, 0n);
  });

  test("lists at most 100 refused beats, and counts them all", async () => {
    const name = "X".repeat(200);
    const summary = await useBeatHearts().send(Array(250).fill(name));
    assert.equal(summary.rejectedCount, 250n);
    assert.equal(summary.rejected.length, 100);
    assert.equal(summary.rejected[0]?.serviceName.length, 64);
  });

  test("fails with unavailable when a beat cannot be stored", async () => {
    const { send } = useBeatHearts(() => {
      throw new HeartbeatStoreUnavailableError("away", new Error("down"));
    });
    await assert.rejects(send(["time"]), { code: Code.Unavailable });
  });
});
