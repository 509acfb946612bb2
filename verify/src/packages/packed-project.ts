import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { runOrThrow } from "./node-binaries.js";
import { type PublishablePackage, root } from "./publishable-packages.js";

/** A package that is packed, as npm would publish it. */
export interface PackedPackage {
  readonly name: string;
  /** The path of the archive. */
  readonly archive: string;
  readonly sizeBytes: number;
  /** The oldest version of each peer that it says to work with. */
  readonly oldestPeers: Readonly<Record<string, string>>;
  /** The README's examples. */
  readonly examples: readonly string[];
  /** What the README tells to install with it, and what the examples import. */
  readonly companions: readonly string[];
}

/** Packs a package into a folder. */
export async function packPackage(
  pkg: PublishablePackage,
  folder: string,
): Promise<PackedPackage> {
  const packed = JSON.parse(
    await runOrThrow(
      "npm",
      ["pack", "--json", "--pack-destination", folder],
      pkg.folder,
    ),
  );
  const [{ filename, size }] = packed;
  const manifest = JSON.parse(
    await readFile(join(pkg.folder, "package.json"), "utf8"),
  );
  const readme = await readFile(join(pkg.folder, "README.md"), "utf8");
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(
    ([, code = ""]) => code,
  );
  const named = /npm install (.*)$/m.exec(readme)?.[1]?.split(" ") ?? [];
  return {
    name: pkg.name,
    archive: join(folder, basename(filename)),
    sizeBytes: size,
    oldestPeers: oldestVersions(manifest.peerDependencies),
    examples,
    companions: named.filter((name) => name !== pkg.name),
  };
}

/**
 * Makes an empty project outside of the workspace, and installs a packed
 * package into it with its companions and with what a program imports: the
 * newest versions, or the oldest that the package says to work with.
 */
export async function createPackedProject(
  packed: PackedPackage,
  program: string,
  project: string,
  age: "newest" | "oldest",
): Promise<void> {
  await mkdir(project, { recursive: true });
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ private: true, type: "module" }),
  );
  const imported = [...program.matchAll(/from "([^".][^"]*)"/g)]
    .map(([, path = ""]) => path)
    .filter((path) => !path.startsWith("node:") && path !== packed.name);
  const wanted = new Set([...packed.companions, ...imported]);
  const versions = age === "oldest" ? packed.oldestPeers : {};
  const specs = [...wanted].map((name) => {
    // Of connect-es, all packages have one version.
    const version =
      versions[name] ??
      (name.startsWith("@connectrpc/")
        ? versions["@connectrpc/connect"]
        : undefined);
    return version === undefined ? name : `${name}@${version}`;
  });
  await runOrThrow(
    "npm",
    [
      ..."install --no-audit --no-fund --ignore-scripts".split(" "),
      packed.archive,
      ...specs,
    ],
    project,
  );
  // What a reader has already: generated code, and routes that use it.
  await cp(join(root, "gen/es"), join(project, "gen"), { recursive: true });
  await writeFile(join(project, "routes.js"), routes);
}

const routes = `
import { RevertNameService } from "./gen/revertname/v1/revert_name_service_pb.js";
export function routes(router) {
  router.service(RevertNameService, {
    revertName: ({ name }) => ({ reversedName: [...name].reverse().join("") }),
  });
}
`;

function oldestVersions(peers: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(peers).map(([name, range]) => [
      name,
      range.replace(/^\D+/, ""),
    ]),
  );
}
