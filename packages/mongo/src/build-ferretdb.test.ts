import assert from "node:assert/strict";
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { needs, run } from "@both-ends/testing";
import { buildFerretdb } from "./build-ferretdb.js";
import { ferretdbBinaryPath } from "./ferretdb-binary.js";
import { ferretdbAddition, ferretdbPatches } from "./ferretdb-source.js";

/** An environment with an empty cache and, if given, a stand-in for Go. */
async function useEnvironment(
  t: TestContext,
  goScript?: string,
  patchable = true,
): Promise<{ env: NodeJS.ProcessEnv; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "build-ferretdb-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const bin = join(folder, "bin");
  await mkdir(bin);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    XDG_CACHE_HOME: join(folder, "cache"),
    LOG: join(folder, "log"),
  };
  if (goScript !== undefined) {
    const module = join(folder, "module");
    for (const { file, from } of ferretdbPatches) {
      await mkdir(dirname(join(module, file)), { recursive: true });
      await appendFile(join(module, file), patchable ? `\t${from}\n` : "");
    }
    await writeFile(
      join(bin, "go"),
      `#!/bin/sh
if [ "$1" = mod ]; then echo '{"Dir":"${module}"}'; exit; fi
${goScript}
`,
    );
    await chmod(join(bin, "go"), 0o755);
    env.PATH = `${bin}:${process.env.PATH}`;
  }
  return { env, folder };
}

/** Logs that it ran, takes a moment, writes the output named after `-o`. */
const quickGo = `echo run >> "$LOG"
sleep 0.3
for arg; do case "$arg" in -modfile=*) modfile="\${arg#-modfile=}";; esac; done
cp -r "$(dirname "$modfile")/source" "$LOG.patched"
cp "$modfile" "$LOG.mod"
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\n' > "$2"; chmod +x "$2"`;

suite("buildFerretdb()", { concurrency: true }, () => {
  test("builds once for all who want it at the same time", async (t) => {
    const { env, folder } = await useEnvironment(t, quickGo);
    const paths = await Promise.all(
      Array.from({ length: 4 }, () => buildFerretdb({ env })),
    );
    assert.deepEqual(new Set(paths), new Set([ferretdbBinaryPath(env)]));
    assert.equal(await readFile(join(folder, "log"), "utf8"), "run\n");
    const left = await readdir(dirname(ferretdbBinaryPath(env)));
    assert.deepEqual(left, ["ferretdb"]);
  });

  test("builds with a patched copy of FerretDB", async (t) => {
    const { env, folder } = await useEnvironment(t, quickGo);
    await buildFerretdb({ env });
    const read = (...path: string[]) =>
      readFile(join(folder, "log.patched", ...path), "utf8");
    for (const { file, to } of ferretdbPatches) {
      assert.ok((await read(file)).includes(`\t${to}\n`), file);
    }
    assert.match(
      await read(ferretdbAddition.folder, ferretdbAddition.name),
      /^package sjson$/m,
    );
    const mod = await readFile(join(folder, "log.mod"), "utf8");
    assert.match(mod, /^replace github.com\/FerretDB\/FerretDB => "\/.*"$/m);
  });

  test("refuses a FerretDB that it cannot patch", async (t) => {
    const { env } = await useEnvironment(t, quickGo, false);
    await assert.rejects(buildFerretdb({ env }), {
      message: `cannot build the embedded database: nothing to patch in ${ferretdbPatches[0]?.file}`,
    });
  });

  test("says that it builds, and that it has built", async (t) => {
    const { env } = await useEnvironment(t, quickGo);
    const lines: string[] = [];
    await buildFerretdb({ env, onProgress: (line) => lines.push(line) });
    assert.match(
      lines.join("\n"),
      /^first start: building the embedded database, about two minutes, once\nbuilt the embedded database in \d+ s$/,
    );
  });

  test("says every 5 s how far it is", async (t) => {
    const { env } = await useEnvironment(
      t,
      `echo "go: downloading example.com/a v1.0.0" >&2
echo "example.com/a/b" >&2; echo "internal/cpu" >&2
sleep 5.5; ${quickGo}`,
    );
    const lines: string[] = [];
    await buildFerretdb({ env, onProgress: (line) => lines.push(line) });
    assert.match(
      lines[1] ?? "",
      /^building the embedded database: 1 modules downloaded, 2 packages compiled, \d s$/,
    );
  });

  test("tells why Go fails, and leaves nothing behind", async (t) => {
    const { env } = await useEnvironment(
      t,
      `echo "go: downloading example.com/a v1.0.0" >&2
echo "main.go:1:1: dial tcp: no such host" >&2; exit 1`,
    );
    await assert.rejects(buildFerretdb({ env }), {
      name: "DatabaseStartError",
      message:
        "cannot build the embedded database: go build failed: main.go:1:1: dial tcp: no such host",
    });
    assert.deepEqual(await readdir(dirname(ferretdbBinaryPath(env))), []);
  });

  test("tells that there is no Go", async (t) => {
    const { env, folder } = await useEnvironment(t);
    env.PATH = join(folder, "bin");
    await assert.rejects(buildFerretdb({ env }), {
      name: "DatabaseStartError",
      message: /go cannot be started: .*ENOENT/,
    });
  });

  test("ends the build when told so", async (t) => {
    const { env } = await useEnvironment(t, "exec sleep 60");
    const stop = new AbortController();
    const building = buildFerretdb({
      env,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await assert.rejects(building, { name: "AbortError" });
    assert.deepEqual(await readdir(dirname(ferretdbBinaryPath(env))), []);
  });

  test("builds the real one", {
    ...needs("go"),
    timeout: 600_000,
  }, async (t) => {
    const { stdout } = await run("go", ["env", "GOCACHE"]);
    const { env } = await useEnvironment(t);
    // What Go compiled before also lies in the cache that is empty here.
    env.GOCACHE = stdout.trim();
    // Flags that would break the build if they reached it.
    env.GOFLAGS = "-mod=vendor";
    const binary = await buildFerretdb({ env });
    const { code, stderr } = await run(binary, []);
    assert.equal(code, 2);
    assert.match(stderr, /-data folder/);
  });
});
