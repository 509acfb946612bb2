import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { waitFor } from "@both-ends/testing";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Health, HealthCheckResponse_ServingStatus } from "./index.js";

suite("README.md", { timeout: 20_000 }, () => {
  test("serves health, and drains on SIGTERM", async (t) => {
    const { program, baseUrl } = await runExample(t);
    const client = createClient(Health, createGrpcTransport({ baseUrl }));
    const service = "acme.user.v1.UserService";
    const { status } = await waitFor("the example to answer", () =>
      client.check({ service }, { timeoutMs: 1_000 }),
    );
    assert.equal(status, HealthCheckResponse_ServingStatus.SERVING);
    const watch = client.watch({ service })[Symbol.asyncIterator]();
    await watch.next();
    program.kill("SIGTERM");
    const last = await watch.next();
    assert.equal(
      last.value.status,
      HealthCheckResponse_ServingStatus.NOT_SERVING,
    );
    assert.equal((await watch.next()).done, true);
  });
});

/** Runs the first TypeScript of the README, on a free port. */
async function runExample(t: TestContext) {
  const directory = fileURLToPath(new URL("..", import.meta.url));
  const readme = await readFile(`${directory}/README.md`, "utf8");
  const example = readme.match(/```ts\n(.*?)```/s)?.[1];
  assert.ok(example !== undefined);
  assert.match(example, /8080/);
  const port = await freePort();
  const program = spawn(process.execPath, ["--input-type=module"], {
    cwd: directory,
    stdio: ["pipe", "inherit", "inherit"],
  });
  t.after(() => program.kill("SIGKILL"));
  program.stdin.end(example.replace("8080", String(port)));
  return { program, baseUrl: `http://127.0.0.1:${port}` };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  server.close();
  await once(server, "close");
  return address.port;
}
