import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { Code, ConnectError, createConnectRouter } from "@connectrpc/connect";
import { createFastlane } from "./fastlane.js";
import {
  addRoutes,
  createClients,
  createTransports,
  startApp,
} from "./fastlane-fixture.test.js";

const onLane = [
  "gRPC",
  "gRPC in JSON",
  "Connect on HTTP/2",
  "Connect on HTTP/1.1",
  "Connect GET",
];

suite("createFastlane()", { timeout: 60_000 }, () => {
  for (const name of [...onLane, "gRPC-Web"]) {
    test(`answers real clients of ${name}`, async (t) => {
      const { baseUrl, lane } = await startApp(t);
      const transport = createTransports(baseUrl)[name];
      assert.ok(transport);
      const { names, time } = createClients(transport);
      let header = new Headers();
      const { reversedName } = await names.revertName(
        { name: "abc" },
        {
          onHeader: (h) => {
            header = h;
          },
        },
      );
      assert.equal(reversedName, "cba");
      assert.equal(header.get("x-name"), "abc");
      const ticks: string[] = [];
      for await (const { rfc3339 } of time.watchTime({})) {
        ticks.push(rfc3339);
      }
      assert.deepEqual(ticks, ["1", "2"]);
      await assert.rejects(names.revertName({ name: "fail" }), (error) => {
        assert.ok(error instanceof ConnectError);
        assert.equal(error.code, Code.OutOfRange);
        assert.equal(error.rawMessage, "on purpose");
        assert.equal(error.metadata.get("x-why"), "asked");
        return true;
      });
      assert.equal(lane.counts.taken, name === "gRPC-Web" ? 0 : 3);
    });
  }

  test("hands over what it does not serve, with the routes made once", async (t) => {
    const { added, baseUrl, lane } = await startApp(t);
    const { gRPC } = createTransports(baseUrl);
    assert.ok(gRPC);
    const answers = createClients(gRPC).names.revertNames(
      (async function* () {
        yield { name: "ab" };
        yield { name: "cd" };
      })(),
    );
    const reversed: string[] = [];
    for await (const { reversedName } of answers) {
      reversed.push(reversedName);
    }
    assert.deepEqual(reversed, ["ba", "dc"]);
    assert.equal(await (await fetch(`${baseUrl}/`)).text(), "hello");
    assert.equal(lane.counts.handedOver["call-type"], 1);
    assert.equal(lane.counts.taken, 0);
    assert.equal(added(), 1);
  });

  test("hands over calls of browsers, to which the host adds headers", async (t) => {
    const { app, baseUrl, lane } = await startApp(t);
    const response = await fetch(
      `${baseUrl}/revertname.v1.RevertNameService/RevertName`,
      {
        method: "POST",
        headers: { "content-type": "application/json", origin: "http://a" },
        body: '{"name":"ab"}',
      },
    );
    assert.deepEqual(await response.json(), { reversedName: "ba" });
    assert.equal(lane.counts.handedOver.origin, 1);
    assert.equal(app.server.listening, true);
  });

  test("hands over methods whose handler somebody else replaced", async (t) => {
    let wrapped = 0;
    const { baseUrl, lane } = await startApp(t, {
      routes(router) {
        router.handlers.forEach((handler, i) => {
          const wrapper: typeof handler = Object.assign(
            (request: Parameters<typeof handler>[0]) => {
              wrapped++;
              return handler(request);
            },
            handler,
          );
          router.handlers[i] = wrapper;
        });
      },
    });
    const { gRPC } = createTransports(baseUrl);
    assert.ok(gRPC);
    await createClients(gRPC).names.revertName({ name: "ab" });
    assert.deepEqual([wrapped, lane.counts.handedOver.wrapped], [1, 1]);
  });

  test("refuses to have its routes added twice", () => {
    const lane = createFastlane({ routes: addRoutes });
    lane.options.routes(createConnectRouter());
    assert.throws(() => lane.options.routes(createConnectRouter()), {
      message: /call createFastlane once for each server/,
    });
  });

  test("ends calls at their deadline, and tells handlers that callers left", async (t) => {
    const { baseUrl, lane } = await startApp(t);
    const transports = createTransports(baseUrl);
    for (const name of onLane) {
      const transport = transports[name];
      assert.ok(transport);
      const { names, time } = createClients(transport);
      await assert.rejects(
        names.revertName({ name: "wait" }, { timeoutMs: 50 }),
        {
          code: Code.DeadlineExceeded,
        },
      );
      const controller = new AbortController();
      const ticks = time.watchTime(
        { timeZone: "wait" },
        { signal: controller.signal },
      );
      await assert.rejects(
        async () => {
          for await (const _ of ticks) {
            controller.abort();
          }
        },
        { code: Code.Canceled },
      );
    }
    assert.equal(lane.counts.taken, 2 * onLane.length);
  });

  test("lets calls finish when the app closes", async (t) => {
    const { app, baseUrl, lane } = await startApp(t);
    const { gRPC } = createTransports(baseUrl);
    assert.ok(gRPC);
    const waiting = createClients(gRPC).names.revertName(
      { name: "wait" },
      { timeoutMs: 500 },
    );
    const rejected = assert.rejects(waiting, { code: Code.DeadlineExceeded });
    await waitFor("the call", () => lane.counts.taken === 1);
    const start = performance.now();
    await Promise.all([rejected, app.close()]);
    assert.ok(performance.now() - start < 4_000);
  });
});
