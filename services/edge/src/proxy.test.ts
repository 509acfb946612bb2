import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import {
  Code,
  ConnectError,
  createClient,
  createContextValues,
  createRouterTransport,
  type ServiceImpl,
} from "@connectrpc/connect";
import {
  createProxy,
  failedMethodHeader,
  failedServiceHeader,
} from "./proxy.js";

function useProxy(
  handlers: {
    revertName?: ServiceImpl<typeof RevertNameService>["revertName"];
    whatTimeIs?: ServiceImpl<typeof TimeService>["whatTimeIs"];
  } = {},
) {
  const {
    revertName = ({ name }) => ({ reversedName: `${name} reversed` }),
    whatTimeIs = () => ({ rfc3339: "now" }),
  } = handlers;
  const transport = createRouterTransport((router) => {
    router.service(RevertNameService, { revertName });
    router.service(TimeService, { whatTimeIs });
  });
  const proxy = createProxy({
    revertName: createClient(RevertNameService, transport),
    time: createClient(TimeService, transport),
    callTimeoutMs: 2_000,
  });
  const caller = new AbortController();
  return {
    leave: (reason: unknown) => caller.abort(reason),
    proxy: (timeoutMs?: number) =>
      proxy("a", {
        signal: caller.signal,
        timeoutMs,
        contextValues: createContextValues(),
      }),
  };
}

suite("createProxy()", () => {
  test("answers both results", async () => {
    assert.deepEqual(await useProxy().proxy(), {
      name: "a",
      reversedName: "a reversed",
      time: "now",
    });
  });

  test("asks both services at the same time", { timeout: 5_000 }, async () => {
    const { promise: bothAsked, resolve } = withResolvers();
    let asked = 0;
    const ask = () => {
      if (++asked === 2) {
        resolve();
      }
      return bothAsked;
    };
    const { proxy } = useProxy({
      revertName: () => ask().then(() => ({})),
      whatTimeIs: () => ask().then(() => ({})),
    });
    await proxy();
  });

  test("says which call failed, and how", async () => {
    const { proxy } = useProxy({
      whatTimeIs: () => {
        throw new ConnectError("no clock", Code.DataLoss);
      },
    });
    await assert.rejects(proxy(), (error) => {
      assert.ok(error instanceof ConnectError);
      assert.equal(error.code, Code.DataLoss);
      assert.equal(
        error.rawMessage,
        "time.v1.TimeService/WhatTimeIs failed: no clock",
      );
      assert.equal(
        error.metadata.get(failedServiceHeader),
        "time.v1.TimeService",
      );
      assert.equal(error.metadata.get(failedMethodHeader), "WhatTimeIs");
      return true;
    });
  });

  test("leaves the other call to finish when one fails", async () => {
    const { promise: finish, resolve } = withResolvers();
    let cancelled: boolean | undefined;
    const { proxy } = useProxy({
      revertName: () => {
        throw new ConnectError("no", Code.NotFound);
      },
      whatTimeIs: async (_request, { signal }) => {
        await finish;
        cancelled = signal.aborted;
        return {};
      },
    });
    await assert.rejects(proxy(), { code: Code.NotFound });
    resolve();
    await new Promise(setImmediate);
    assert.equal(cancelled, false);
  });

  test("takes both calls along when the caller leaves", async () => {
    const reasons: unknown[] = [];
    const wait = (_request: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise<object>((_, reject) => {
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason);
          reject(signal.reason);
        });
      });
    const { proxy, leave } = useProxy({ revertName: wait, whatTimeIs: wait });
    const left = assert.rejects(proxy(), { code: Code.Canceled });
    await new Promise(setImmediate);
    leave(new ConnectError("gone", Code.Canceled));
    await left;
    assert.equal(reasons.length, 2);
  });

  test("keeps to what is left of the caller's deadline", async () => {
    const timeouts: (number | undefined)[] = [];
    const note = (
      _request: unknown,
      { timeoutMs }: { timeoutMs(): number | undefined },
    ) => {
      timeouts.push(timeoutMs());
      return {};
    };
    const { proxy } = useProxy({ revertName: note, whatTimeIs: note });
    await proxy(300);
    await proxy(60_000);
    const [a = 0, b = 0, c = 0, d = 0] = timeouts;
    assert.ok(a <= 300 && b <= 300, `${a}, ${b}`);
    assert.ok(c > 300 && c <= 2_000 && d > 300 && d <= 2_000, `${c}, ${d}`);
  });
});

function withResolvers() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
