import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { waitFor } from "@both-ends/testing";

const program = fileURLToPath(new URL("./tool-process.js", import.meta.url));

function start(t: TestContext, script: string) {
  const child = spawn(process.execPath, [program, "sh", "-c", script]);
  t.after(() => child.kill("SIGKILL"));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  return {
    child,
    says: (text: string) => waitFor(text, () => said.includes(text)),
  };
}

suite("node tool-process.js", { timeout: 20_000 }, () => {
  test("ends the program when its launcher is gone", async (t) => {
    const { child, says } = start(
      t,
      "trap 'echo ended; exit' TERM; echo up; while :; do sleep 0.05; done",
    );
    await says("up");
    child.stdin.end();
    await says("ended");
    await waitFor("its end", () => child.exitCode === 0);
  });

  test("stays when the program ends by itself, and says so", async (t) => {
    const { child, says } = start(t, "exit 3");
    await says("sh ended with exit code 3; the system goes on without it");
    assert.equal(child.exitCode, null);
    child.kill("SIGTERM");
    await waitFor("its end", () => child.exitCode === 0);
  });
});
