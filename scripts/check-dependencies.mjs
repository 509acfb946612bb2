// Checks what each workspace imports against its package.json: nothing is missing, and
// no dependency that comes along at run time is unused. What a published package imports
// outside of its tests has to come along; a private one is built with all of its own.
// And docs/dependencies.md names each of them once, and no other.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { posix } from "node:path";

const files = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard"],
  { encoding: "utf8" },
)
  .trim()
  .split("\n");

const workspaces = files
  .filter((file) => /.\/package\.json$/.test(file))
  .map((file) => posix.dirname(file));
const wrong = [...workspaces.flatMap(checkWorkspace), ...checkPage()];
if (wrong.length > 0) {
  process.stderr.write(`${wrong.join("\n")}\n`);
  process.exitCode = 1;
}

function checkWorkspace(folder) {
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const {
    name,
    private: isPrivate,
    dependencies,
    optionalDependencies,
    peerDependencies,
    devDependencies,
  } = manifest;
  const comesAlong = new Set(
    Object.keys({
      ...dependencies,
      ...optionalDependencies,
      ...peerDependencies,
    }),
  );
  const installed = new Set([
    name,
    ...comesAlong,
    ...Object.keys(devDependencies ?? {}),
  ]);
  const imports = { tests: new Set(), code: new Set() };
  for (const file of files) {
    if (file.startsWith(`${folder}/`) && /\.(tsx?|m?js)$/.test(file)) {
      const kind = /\.test\.|\.test\.fixture\./.test(file) ? "tests" : "code";
      for (const imported of readImports(file)) {
        imports[kind].add(imported);
      }
    }
  }
  const all = new Set([...imports.tests, ...imports.code]);
  const allowed = isPrivate ? installed : new Set([name, ...comesAlong]);
  return [
    ...[...all]
      .filter((one) => !installed.has(one))
      .map((one) => `${folder}: imports ${one}, which it does not depend on`),
    ...[...imports.code]
      .filter((one) => installed.has(one) && !allowed.has(one))
      .map((one) => `${folder}: ${one} does not come along at run time`),
    ...[...comesAlong]
      .filter((one) => !imports.code.has(one) && !isPeer(one, comesAlong))
      .map((one) => `${folder}: ${one} is unused`),
  ];
}

function checkPage() {
  const manifests = [".", ...workspaces].map((folder) =>
    JSON.parse(readFileSync(`${folder}/package.json`, "utf8")),
  );
  const own = manifests.map(({ name }) => name);
  const wanted = new Set(
    manifests.flatMap((manifest) =>
      Object.keys({
        ...manifest.dependencies,
        ...manifest.optionalDependencies,
        ...manifest.peerDependencies,
        ...manifest.devDependencies,
      }),
    ),
  );
  const page = readFileSync("docs/dependencies.md", "utf8");
  const named = [...page.matchAll(/^\| ([^|]+) \|/gm)]
    .flatMap(([, cell]) => cell.split(", "))
    .filter((name) => !/^(dependency|-+|.* \(Go\))$/.test(name));
  return [
    ...[...wanted]
      .filter((name) => !own.includes(name) && !named.includes(name))
      .map((name) => `docs/dependencies.md: ${name} is missing`),
    ...named
      .filter((name, at) => !wanted.has(name) || named.indexOf(name) !== at)
      .map((name) => `docs/dependencies.md: ${name} is gone, or there twice`),
  ];
}

/** Whether other dependencies, installed at the root, ask for it. */
function isPeer(name, dependencies) {
  return [...dependencies].some((other) => {
    const manifest = `node_modules/${other}/package.json`;
    const { peerDependencies } = JSON.parse(readFileSync(manifest, "utf8"));
    return peerDependencies?.[name] !== undefined;
  });
}

/** The packages that a file imports. */
function readImports(file) {
  // Without templates, which may be programs themselves.
  const text = readFileSync(file, "utf8").replace(/`(?:\\.|[^`\\])*`/gs, "``");
  const paths = [
    ...text.matchAll(/^(?:import|export)\b[^;"]*?from "([^"]+)";$/gm),
    ...text.matchAll(/^} from "([^"]+)";$/gm),
    ...text.matchAll(/^import "([^"]+)";$/gm),
    ...text.matchAll(/\bimport\("([^"]+)"\)/g),
  ].map(([, path]) => path);
  return paths
    .filter((path) => !/^(\.|node:)/.test(path))
    .map((path) => /^(@[^/]+\/)?[^/]+/.exec(path)?.[0])
    .filter((path) => !builtinModules.includes(path));
}
