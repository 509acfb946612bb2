import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { run, waitFor } from "@both-ends/testing";
import { Code, createClient } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { Http2SessionManager } from "@connectrpc/connect-node";
import { startOddServer } from "./odd-server.test.js";
import { useSampleServer } from "./sample-server.test.js";
import { createGrpcTransport } from "./transport.js";

function useClient(t: TestContext, origin: string) {
  const sessionManager = new Http2SessionManager(origin, {
    idleConnectionTimeoutMs: 200,
  });
  t.after(() => sessionManager.abort());
  const transport = createGrpcTransport({ baseUrl: origin, sessionManager });
  const { revertName } = createClient(RevertNameService, transport);
  return { sessionManager, revertName };
}

suite("the session of the lane", { timeout: 60_000 }, () => {
  test("is one for 1,000 calls, and leaves no stream open", async (t) => {
    const server = await useSampleServer(t);
    const { sessionManager, revertName } = useClient(t, server.origin);
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
    await waitFor(
      "the session to idle",
      () => sessionManager.state() === "idle",
    );
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
    const sessionManager = new Http2SessionManager(server.origin);
    t.after(() => sessionManager.abort());
    const baseUrl = server.prepare([
      { do: "goaway", code: 0 },
      {
        do: "respond",
        fields: { ":status": 200, "content-type": "application/grpc" },
      },
      { do: "wait", ms: 20 },
      { do: "write", bytes: encodeEnvelope(0, new Uint8Array(0)) },
      { do: "trailers", fields: { "grpc-status": "0" } },
    ]);
    const transport = createGrpcTransport({ baseUrl, sessionManager });
    const { revertName } = createClient(RevertNameService, transport);
    for (let i = 0; i < 3; i++) {
      await Promise.all([revertName({}), revertName({})]);
    }
  });

  test("is closed once it has idled for its time", async (t) => {
    const server = await useSampleServer(t);
    const { sessionManager, revertName } = useClient(t, server.origin);
    await revertName({});
    await waitFor("the end of it", () => sessionManager.state() === "closed");
  });

  test("ends with its calls when it is aborted", async (t) => {
    const server = await useSampleServer(t);
    const { sessionManager, revertName } = useClient(t, server.origin);
    const call = revertName({ name: "wait" });
    call.catch(() => {});
    await waitFor("the call to arrive", () => server.openStreams === 1);
    sessionManager.abort();
    await assert.rejects(call, { code: Code.Canceled });
    await waitFor("all streams to close", () => server.openStreams === 0);
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
