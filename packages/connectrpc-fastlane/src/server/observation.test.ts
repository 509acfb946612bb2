import assert from "node:assert/strict";
import * as http2 from "node:http2";
import { suite, type TestContext, test } from "node:test";
import { waitFor } from "@both-ends/testing";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import {
  createClients,
  createTransports,
  startApp,
} from "./fastlane-fixture.test.js";
import { afterCall } from "./lane-context.js";
import type { LaneObservation } from "./observation.js";
import type { FastlaneOptions } from "./options.js";

/** Notes all that is observed. */
function createObservation(lines: string[]): LaneObservation {
  return {
    start({ method, protocol, timeoutMs }) {
      lines.push(`${protocol} ${method.name} ${timeoutMs}`);
      return {
        received: (_schema, message) =>
          lines.push(`received ${message.$typeName}`),
        sent: (schema) => lines.push(`sent ${schema.name}`),
        end: (status) => lines.push(`end ${status}`),
        gone: () => lines.push("gone"),
      };
    },
  };
}

async function start(t: TestContext, options: Partial<FastlaneOptions> = {}) {
  const lines: string[] = [];
  const app = await startApp(t, {
    observe: createObservation(lines),
    ...options,
  });
  const { gRPC } = createTransports(app.baseUrl);
  assert.ok(gRPC);
  const session = http2.connect(app.baseUrl);
  t.after(() => session.destroy());
  const open = (path = "/revertname.v1.RevertNameService/RevertName") => {
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
    });
    stream.on("error", () => {});
    stream.resume();
    return stream;
  };
  const disconnect = () => session.destroy();
  return { ...app, ...createClients(gRPC), disconnect, lines, open };
}

suite("createFastlane({ observe })", { timeout: 60_000 }, () => {
  test("tells of a unary call", async (t) => {
    const { lines, names } = await start(t);
    await names.revertName({ name: "ab" });
    assert.deepEqual(lines, [
      "grpc RevertName undefined",
      "received revertname.v1.RevertNameRequest",
      "sent RevertNameResponse",
      "end 0",
    ]);
  });

  test("tells of a stream and its error", async (t) => {
    const { lines, time } = await start(t);
    await assert.rejects(async () => {
      for await (const _ of time.watchTime({ timeZone: "fail" })) {
        // Only the end matters.
      }
    });
    assert.deepEqual(lines, [
      "grpc WatchTime undefined",
      "received time.v1.WatchTimeRequest",
      "sent WatchTimeResponse",
      "end 11",
    ]);
  });

  test("tells of calls that no interceptor sees", async (t) => {
    const refuse = () => {
      throw new ConnectError("no", Code.PermissionDenied);
    };
    const { lines, names } = await start(t, { requestGate: refuse });
    await assert.rejects(names.revertName({ name: "ab" }));
    assert.deepEqual(lines, ["grpc RevertName undefined", "end 7"]);
  });

  for (const [what, bytes, status] of [
    ["cannot be parsed", [0, 0, 0, 0, 1, 0xff], 13],
    ["are too large", [0, 0, 2, 0, 0], 8],
    ["are not complete", [0, 0, 0], 3],
  ] as const) {
    test(`tells of requests that ${what}, and ends them`, async (t) => {
      const { lines, open } = await start(t);
      const stream = open();
      // Not ended where the answer does not wait for that.
      stream.write(Buffer.from(bytes));
      if (status === 3) {
        stream.end();
      }
      await waitFor("the end", () => stream.closed && stream.destroyed);
      assert.deepEqual(lines, ["grpc RevertName undefined", `end ${status}`]);
    });
  }

  test("tells that a caller left in the middle of its request", async (t) => {
    const { disconnect, lines, open } = await start(t);
    open();
    await waitFor("the first call", () => lines.length === 1);
    // A reset by Node's client would end the request first.
    disconnect();
    await waitFor("its end", () => lines.includes("gone"));
  });

  test("tells that a caller left in the middle of its answer", async (t) => {
    const { lines, open } = await start(t);
    const stream = open("/time.v1.TimeService/WatchTime");
    stream.end(Buffer.from([0, 0, 0, 0, 6, 0x12, 4, 119, 97, 105, 116]));
    await waitFor("the first message", () =>
      lines.includes("sent WatchTimeResponse"),
    );
    stream.close(8);
    await waitFor("its end", () => lines.includes("gone"));
  });

  test("leaves out the interceptor that it replaces", async (t) => {
    let runs = 0;
    const interceptor: LaneObservation["replaces"] = (next) => (req) => {
      runs++;
      return next(req);
    };
    const observe = { ...createObservation([]), replaces: interceptor };
    const { lane, names } = await start(t, {
      interceptors: [interceptor],
      observe,
    });
    await names.revertName({ name: "ab" });
    assert.deepEqual([runs, lane.counts.taken], [0, 1]);
  });
});

suite("afterCall()", { timeout: 60_000 }, () => {
  test("calls back once for each call, on the lane and off it", async (t) => {
    let open = 0;
    const requestGate = (context: HandlerContext) => {
      open++;
      afterCall(context, () => {
        open--;
      });
    };
    const { baseUrl, lane } = await startApp(t, { requestGate });
    for (const transport of Object.values(createTransports(baseUrl))) {
      const { names, time } = createClients(transport);
      await names.revertName({ name: "ab" });
      await assert.rejects(names.revertName({ name: "fail" }));
      for await (const _ of time.watchTime({})) {
        break;
      }
      await waitFor("all calls to end", () => open === 0);
    }
    assert.equal(lane.counts.taken, 15);
  });
});
