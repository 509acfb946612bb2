// Adds up what the Dockerfile puts on top of its base, from what is installed and
// built here, and fails above a limit. Needs the compiled code: npm run build.
import { execFileSync } from "node:child_process";
import { readdirSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";

const limitBytes = 40e6;

const listed = execFileSync(
  "npm",
  [
    ..."ls --all --parseable --omit=dev --omit=optional".split(" "),
    ...readdirSync("services").map((name) => `--workspace=services/${name}`),
  ],
  // Notices of npm about its own settings.
  { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
);
const [root, ...paths] = listed.trim().split("\n");
const folders = new Set(paths.map((path) => realpathSync(path)));

const sizes = [...folders].map((folder) => {
  const isOurs = !folder
    .slice(root.length)
    .includes(`${sep}node_modules${sep}`);
  const bytes = filesBelow(folder)
    .filter(isOurs ? isBuilt : runs)
    .reduce((sum, file) => sum + statSync(file).size, 0);
  return { folder: folder.slice(root.length + 1), bytes };
});
const pages = filesBelow(join(root, "packages/console/dist/pages"));
sizes.push({
  folder: "packages/console/dist/pages",
  bytes: pages.reduce((sum, file) => sum + statSync(file).size, 0),
});

const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
process.stdout.write(`image: ${inMegabytes(total)} over its base\n`);
if (total > limitBytes) {
  const largest = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, 10);
  for (const { folder, bytes } of largest) {
    process.stderr.write(`  ${folder}: ${inMegabytes(bytes)}\n`);
  }
  process.stderr.write(`more than ${inMegabytes(limitBytes)}\n`);
  process.exitCode = 1;
}

/** The files of a package, without those of packages inside it. */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === "node_modules" ? [] : filesBelow(path);
    }
    return entry.isFile() ? [path] : [];
  });
}

function runs(file) {
  return !/\.([cm]?ts|map|md)$/.test(file);
}

function isBuilt(file) {
  return (
    /[\\/](dist|es)[\\/]/.test(file) &&
    !/(\.d\.ts|\.tsbuildinfo|\.test\.[^\\/]*|\.test\.fixture\.[^\\/]*)$/.test(
      file,
    )
  );
}

function inMegabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
