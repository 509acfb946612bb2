import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { needs, run, waitFor } from "@both-ends/testing";

suite("README.md", { timeout: 20_000 }, () => {
  test("shows its services to grpcurl", needs("grpcurl"), async (t) => {
    const address = await runExample(t);
    const list = await waitFor("the example to answer", async () => {
      const args = ["-plaintext", "-connect-timeout", "1", address, "list"];
      const { code, stdout } = await run("grpcurl", args);
      return code === 0 && stdout;
    });
    assert.deepEqual(list.trim().split("\n"), [
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ]);
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
  return `127.0.0.1:${port}`;
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
