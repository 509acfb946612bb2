import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { suite, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import {
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
} from "@connectrpc/connect";
import { pino } from "pino";
import { createLogInterceptor } from "./log-interceptor.js";
import { requestIdServerInterceptor } from "./request-id.js";

function useLog() {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const transport = createRouterTransport(
    (router) => {
      router.service(RevertNameService, {
        revertName({ name }) {
          if (name === "denied") {
            throw new ConnectError("not you", Code.PermissionDenied);
          }
          if (name === "broken") {
            throw new Error("secret");
          }
          return { reversedName: name };
        },
      });
      router.service(TimeService, {
        // biome-ignore lint/correctness/useYield: it fails before its first message
        async *watchTime({ timeZone }) {
          if (timeZone !== "UTC") {
            throw new ConnectError("too late", Code.OutOfRange);
          }
          throw new ConnectError("left", Code.Canceled);
        },
      });
    },
    {
      router: {
        interceptors: [
          requestIdServerInterceptor,
          createLogInterceptor(pino({ level: "debug" }, sink)),
        ],
      },
    },
  );
  return { lines, transport };
}

suite("createLogInterceptor()", () => {
  test("says nothing of a call that went well", async () => {
    const { lines, transport } = useLog();
    await createClient(RevertNameService, transport).revertName({ name: "a" });
    assert.deepEqual(lines, []);
  });

  test("logs one line without a stack for an error that was meant", async () => {
    const { lines, transport } = useLog();
    const { revertName } = createClient(RevertNameService, transport);
    const headers = { "x-request-id": "id-1" };
    await assert.rejects(revertName({ name: "denied" }, { headers }));
    const [line, ...more] = lines;
    assert.deepEqual(more, []);
    assert.equal(line?.rpc_service, "revertname.v1.RevertNameService");
    assert.equal(line?.rpc_method, "RevertName");
    assert.equal(line?.code, "PermissionDenied");
    assert.equal(line?.request_id, "id-1");
    assert.equal(typeof line?.duration_ms, "number");
    assert.equal(line?.reason, "not you");
    assert.equal(line?.err, undefined);
  });

  test("logs the stack of an error that was not expected", async () => {
    const { lines, transport } = useLog();
    const { revertName } = createClient(RevertNameService, transport);
    await assert.rejects(revertName({ name: "broken" }), (error) => {
      assert.doesNotMatch(String(error), /secret/);
      return true;
    });
    const [line, ...more] = lines;
    assert.deepEqual(more, []);
    assert.equal(line?.code, "Internal");
    assert.match(JSON.stringify(line?.err), /secret.*stack/);
  });

  test("logs a stream that failed", async () => {
    const { lines, transport } = useLog();
    const ticks = createClient(TimeService, transport).watchTime({});
    await assert.rejects(ticks[Symbol.asyncIterator]().next());
    assert.deepEqual(
      lines.map(({ rpc_method, code }) => [rpc_method, code]),
      [["WatchTime", "OutOfRange"]],
    );
  });

  test("logs no failure when the caller leaves a stream", async () => {
    const { lines, transport } = useLog();
    const { watchTime } = createClient(TimeService, transport);
    const ticks = watchTime({ timeZone: "UTC" });
    await assert.rejects(ticks[Symbol.asyncIterator]().next());
    const [line] = lines;
    assert.equal(line?.level, pino.levels.values.debug);
    assert.equal(line?.code, "Canceled");
    assert.equal(line?.msg, "the caller left");
  });
});
