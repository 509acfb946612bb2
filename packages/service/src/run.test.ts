import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "@both-ends/testing";

// Any service will do: what is tested is the command line they share. This
// package does not import one, it runs it.
const program = fileURLToPath(
  new URL("../../../services/time/dist/main.js", import.meta.url),
);

suite("runService()", () => {
  test("prints its configuration for --help", async () => {
    const { code, stdout } = await run("node", [program, "--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /^usage: time server\|worker/);
    assert.match(stdout, /^ {2}PORT +.*\[default: 8010\]$/m);
  });

  test("refuses wrong usage with its own exit code", async () => {
    const { code, stderr } = await run("node", [program, "both"]);
    assert.equal(code, 2);
    assert.match(stderr, /^usage: time/);
  });

  test("names every mistake of the configuration at once", async () => {
    const { code, stdout, stderr } = await run("node", [program, "server"], {
      env: { PATH: process.env.PATH, PORT: "x", LOG_LEVEL: "loud" },
    });
    assert.equal(code, 2);
    assert.equal(stdout, "");
    for (const name of ["PORT", "LOG_LEVEL", "MONGODB_URI"]) {
      assert.ok(stderr.includes(`  ${name}: `), stderr);
    }
    assert.doesNotMatch(stderr, /at .*\.js:/);
  });
});
