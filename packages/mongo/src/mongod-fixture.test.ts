import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { buildFerretdb } from "./build-ferretdb.js";

type End = () => unknown;

const endsOfTests = new WeakMap<TestContext, End[]>();

/**
 * Has something done after a test. What came last is ended first, unlike with
 * `t.after` alone: a database before the folder it writes to.
 */
export function atEnd(t: TestContext, end: End): void {
  const known = endsOfTests.get(t);
  if (known !== undefined) {
    known.push(end);
    return;
  }
  const ends = [end];
  endsOfTests.set(t, ends);
  t.after(async () => {
    for (const last of ends.reverse()) {
      await last();
    }
  });
}

/** A fresh folder that is removed after the test. */
export async function useFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mongo-test-"));
  atEnd(t, () => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Changes an environment variable for the time of a test. */
export function useVariable(
  t: TestContext,
  name: string,
  value: string | undefined,
): void {
  const before = process.env[name];
  const set = (to: string | undefined) => {
    if (to === undefined) {
      delete process.env[name];
    } else {
      process.env[name] = to;
    }
  };
  set(value);
  atEnd(t, () => set(before));
}

/** The line with which a mongod says that it answers. */
const waiting = `{"t":{},"s":"I","c":"NETWORK","id":23016,"ctx":"listener","msg":"Waiting for connections","attr":{"port":27017,"ssl":"off"}}`;

/**
 * A stand-in for mongod: it takes mongod's arguments, leaves mongod's traces in
 * the data folder, logs like mongod, and is the embedded database inside. What
 * it does before that can be given as a shell script.
 */
export async function useMongod(t: TestContext, script = ""): Promise<string> {
  const ferretdb = await buildFerretdb();
  const bin = join(await useFolder(t), "bin");
  await mkdir(bin);
  const mongod = join(bin, "mongod");
  await writeFile(
    mongod,
    `#!/bin/sh
[ "$1 $3 $5" = "--dbpath --port --bind_ip" ] || exit 2
${script}
: > "$2/WiredTiger"
mkdir -p "$2/inside"
echo '${waiting}'
exec "${ferretdb}" -data "$2/inside" -listen "$6:$4"
`,
  );
  await chmod(mongod, 0o755);
  return mongod;
}
