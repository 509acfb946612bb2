import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { run, waitFor } from "@both-ends/testing";
import { Code, createClient } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { startOddServer } from "./odd-server.test.js";
import { useSampleServer } from "./sample-server.test.js";
import { createGrpcTransport } from "./transport.js";

function useClient(t: TestContext, baseUrl: string) {
  const transport = createGrpcTransport({
    baseUrl,
    idleConnectionTimeoutMs: 200,
  });
  t.after(() => transport.close());
  const { revertName } = createClient(RevertNameService, transport);
  return { transport, revertName };
}

suite("the connection of the lane", { timeout: 60_000 }, () => {
  test("is one for 1,000 calls, and leaves no stream open", async (t) => {
    const server = await useSampleServer(t);
    const { transport, revertName } = useClient(t, server.origin);
    for (let i = 0; i < 10; i++) {
      const calls = Array.from({ length: 100 }, () =>
        revertName({ name: "ab" }),
      );
      for (const { reversedName } of await Promise.all(calls)) {
        assert.equal(reversedName, "ba");
      }
    }
    assert.equal(server.sessions, 1);
    await waitFor("all streams to close", () => server.openStreams === 0);
    assert.deepEqual(transport.counts, { taken: 1_000, handedOver: 0 });
  });

  test("does not end a call that goes on, though it may not idle at all", async (t) => {
    const server = await startOddServer();
    t.after(() => server.close());
    const baseUrl = server.prepare([
      { do: "wait", ms: 150 },
      {
        do: "respond",
        fields: { ":status": 200, "content-type": "application/grpc+proto" },
      },
      { do: "write", bytes: encodeEnvelope(0, new Uint8Array(0)) },
      { do: "trailers", fields: { "grpc-status": "0" } },
    ]);
    const transport = createGrpcTransport({
      baseUrl,
      idleConnectionTimeoutMs: 0,
    });
    t.after(() => transport.close());
    await createClient(RevertNameService, transport).revertName({});
  });

  test("carries 200 calls at once to a server that takes 10", async (t) => {
    const server = await useSampleServer(t, { maxConcurrentStreams: 10 });
    const { revertName } = useClient(t, server.origin);
    await revertName({});
    const calls = Array.from({ length: 200 }, (_, i) =>
      revertName({ name: `${i}x` }),
    );
    const answers = await Promise.all(calls);
    assert.deepEqual(
      answers.map(({ reversedName }) => reversedName),
      answers.map((_, i) => [...`${i}x`].reverse().join("")),
    );
    assert.equal(server.sessions, 1);
  });

  test("is opened again after the server has been restarted", async (t) => {
    const server = await useSampleServer(t);
    const { revertName } = useClient(t, server.origin);
    await revertName({});
    const cut = revertName({ name: "wait" });
    cut.catch(() => {});
    await waitFor("the call to arrive", () => server.openStreams === 1);
    await server.close();
    await assert.rejects(cut);
    await assert.rejects(revertName({}), { code: Code.Unavailable });
    await useSampleServer(t, { port: server.port });
    await waitFor("the new server", () => revertName({ name: "ab" }));
  });

  test("is left by new calls after GOAWAY, and kept for those under way", async (t) => {
    const server = await startOddServer();
    t.after(() => server.close());
    const baseUrl = server.prepare([
      // Until both calls are here: those that come later are refused.
      { do: "wait", ms: 10 },
      { do: "goaway", code: 0 },
      {
        do: "respond",
        fields: { ":status": 200, "content-type": "application/grpc" },
      },
      { do: "wait", ms: 20 },
      { do: "write", bytes: encodeEnvelope(0, new Uint8Array(0)) },
      { do: "trailers", fields: { "grpc-status": "0" } },
    ]);
    const { revertName } = useClient(t, baseUrl);
    for (let i = 0; i < 3; i++) {
      await Promise.all([revertName({}), revertName({})]);
    }
  });

  test("is closed once it has idled for its time", async (t) => {
    const server = await useSampleServer(t);
    const { revertName } = useClient(t, server.origin);
    await revertName({});
    assert.equal(server.openSessions, 1);
    await waitFor("the end of it", () => server.openSessions === 0);
    await revertName({});
    assert.equal(server.sessions, 2);
  });

  test("ends with its calls when its transport is closed", async (t) => {
    const server = await useSampleServer(t);
    const { transport, revertName } = useClient(t, server.origin);
    const call = revertName({ name: "wait" });
    call.catch(() => {});
    await waitFor("the call to arrive", () => server.openStreams === 1);
    transport.close();
    await assert.rejects(call, {
      code: Code.Canceled,
      rawMessage: "connection aborted",
    });
    await waitFor("the connection to end", () => server.openSessions === 0);
    assert.equal(server.openStreams, 0);
    assert.equal((await revertName({ name: "ab" })).reversedName, "ba");
  });

  test("does not keep a process alive", async (t) => {
    const server = await useSampleServer(t);
    const program = `
      const { createClient } = await import("@connectrpc/connect");
      const { RevertNameService } = await import("@both-ends/gen/revertname/v1/revert_name_service_pb.js");
      const { createGrpcTransport } = await import(${JSON.stringify(new URL("./transport.js", import.meta.url).href)});
      const transport = createGrpcTransport({ baseUrl: ${JSON.stringify(server.origin)} });
      const { revertName } = createClient(RevertNameService, transport);
      await revertName({}, { timeoutMs: 60_000 });
      await revertName({ name: "wait" }, { timeoutMs: 50 }).catch(() => {});
    `;
    const { code, stderr } = await run(process.execPath, [
      "--input-type=module",
      "--eval",
      program,
    ]);
    assert.equal(code, 0, stderr);
  });
});
