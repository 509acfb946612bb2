import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { runOrThrow } from "./node-binaries.js";
import { type PublishablePackage, root } from "./publishable-packages.js";

/**
 * Makes an empty project outside of the workspace, and installs a packed
 * package into it with what its README names, and with what the README's
 * example imports. Returns the size of the package in bytes.
 */
export async function createPackedProject(
  pkg: PublishablePackage,
  project: string,
): Promise<number> {
  await mkdir(project, { recursive: true });
  const packed = JSON.parse(
    await runOrThrow(
      "npm",
      ["pack", "--json", "--pack-destination", project],
      pkg.folder,
    ),
  );
  const [{ filename, size }] = packed;
  const readme = await readFile(join(pkg.folder, "README.md"), "utf8");
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ private: true, type: "module" }),
  );
  const named = /npm install (.*)$/m.exec(readme)?.[1]?.split(" ") ?? [];
  const code = readExample(readme);
  const imported = [...code.matchAll(/from "([^".][^"]*)"/g)]
    .map(([, path = ""]) => path)
    .filter((path) => !path.startsWith("node:"));
  const wanted = new Set([...named, ...imported]);
  wanted.delete(pkg.name);
  await runOrThrow(
    "npm",
    [
      ..."install --no-audit --no-fund --ignore-scripts".split(" "),
      `./${basename(filename)}`,
      ...wanted,
    ],
    project,
  );
  // The reader's own generated code.
  await cp(join(root, "gen/es"), join(project, "gen"), { recursive: true });
  await writeFile(
    join(project, "example.js"),
    code.replace(
      "./gen/revert_name_service_pb.js",
      "./gen/revertname/v1/revert_name_service_pb.js",
    ),
  );
  return size;
}

/** The first example of a README. */
function readExample(readme: string): string {
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1];
  if (code === undefined) {
    throw new Error("the README has no example");
  }
  return code;
}
