import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { needsDatabase, useDatabase } from "@both-ends/mongo/test-database";
import { waitFor } from "@both-ends/testing";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { fetchJson } from "./fetch-json.js";
import { startSystem } from "./use-system.js";

suite("the running system, when its database", needsDatabase(), () => {
  for (const trouble of ["is killed", "hangs"] as const) {
    test(`${trouble}, goes on with what needs none, and heals`, {
      timeout: 300_000,
    }, async (t) => {
      const database = await useDatabase(t);
      const system = await startSystem({ MONGODB_URI: database.uri });
      t.after(() => system.stop());
      const { edge } = system.services;
      const { beatHeart } = createClient(
        HeartbeatService,
        createGrpcTransport({ baseUrl: `http://${edge.web}` }),
      );
      const beat = () =>
        beatHeart({ serviceName: "tester" }, { timeoutMs: 20_000 });
      const readiness = () => fetchJson(`http://${edge.web}/readyz`);
      await beat();
      assert.deepEqual((await readiness()).body, { status: "ready" });

      if (trouble === "hangs") {
        await database.stop();
      } else {
        await database.kill();
      }

      await waitFor("the readiness to say so", async () => {
        const { status, body } = await readiness();
        assert.equal(status, 200);
        assert.equal(body.status, "degraded");
        assert.match(JSON.stringify(body.reasons), /"database: /);
        assert.doesNotMatch(JSON.stringify(body.reasons), /mongodb:\/\//);
        return true;
      });
      const proxied = await fetchJson(`http://${edge.web}/proxy/Rodrigo/`);
      assert.equal(proxied.body.reversed_name, "ogirdoR");
      const start = performance.now();
      await assert.rejects(beat(), (error) => {
        const { code } = ConnectError.from(error);
        assert.ok([Code.Unavailable, Code.DeadlineExceeded].includes(code));
        return true;
      });
      assert.ok(performance.now() - start < 12_000);

      if (trouble === "hangs") {
        database.resume();
      } else {
        await database.restart();
      }

      await waitFor(
        "the readiness to be whole again",
        async () => (await readiness()).body.status === "ready",
        { timeoutMs: 20_000 },
      );
      await beat();
    });
  }
});
