import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { needs, run } from "@both-ends/testing";
import { patchFerretdb } from "./ferretdb-patch.js";
import { ferretdbAddition, ferretdbSource } from "./ferretdb-source.js";

// The flags of the build, so that what it compiled is not compiled again.
const env = {
  ...process.env,
  CGO_ENABLED: "0",
  GOFLAGS: "-mod=readonly -trimpath -buildvcs=false",
  GOWORK: "off",
};
const options = { cwd: ferretdbSource, env, timeoutMs: 600_000 };

suite("the embedded database's Go module", needs("go"), () => {
  test("passes its own tests", { timeout: 600_000 }, async () => {
    const { code, stdout, stderr } = await run(
      "go",
      ["test", "./..."],
      options,
    );
    assert.equal(code, 0, stdout + stderr);
  });

  test("decodes documents as FerretDB does", {
    timeout: 600_000,
  }, async (t) => {
    const workshop = await mkdtemp(join(tmpdir(), "ferretdb-module-"));
    t.after(() => rm(workshop, { recursive: true, force: true }));
    const modfile = await patchFerretdb(workshop, async (args) => {
      const { code, stdout, stderr } = await run("go", args, options);
      assert.equal(code, 0, stderr);
      return stdout;
    });
    const { folder, name, source } = ferretdbAddition;
    const tests = name.replace(".go", "_test.go");
    await copyFile(
      join(source, tests),
      join(workshop, "source", folder, tests),
    );
    const { code, stdout, stderr } = await run(
      "go",
      ["test", `-modfile=${modfile}`, `github.com/FerretDB/FerretDB/${folder}`],
      options,
    );
    assert.equal(code, 0, stdout + stderr);
  });

  test("passes go vet", { timeout: 600_000 }, async () => {
    const { code, stderr } = await run("go", ["vet", "./..."], options);
    assert.equal(code, 0, stderr);
  });

  test("is formatted", async () => {
    const { stdout, stderr } = await run("gofmt", ["-l", "."], options);
    assert.equal(stdout + stderr, "");
  });
});
