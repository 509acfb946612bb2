// Asks the registry which vulnerabilities are known of what runs in production, and fails
// for one that is not explained below. A registry that keeps no advisories (mirrors often
// do not) or is away fails nothing, but the output says that nothing was checked.
import { spawnSync } from "node:child_process";

/** The address of each advisory that does not concern us, with the reason. */
const explained = new Map([]);

const { stdout, stderr } = spawnSync("npm", ["audit", "--omit=dev", "--json"], {
  encoding: "utf8",
});
const report = parse(stdout);
if (report?.vulnerabilities === undefined) {
  const reason = report?.message ?? (stdout + stderr).trim();
  process.stdout.write(`audit: NOT CHECKED: ${reason}\n`);
} else {
  judge(report);
}

function judge({ vulnerabilities, metadata }) {
  // A package that only depends on a vulnerable one names it, as text.
  const advisories = Object.values(vulnerabilities).flatMap(({ via }) =>
    via.filter((cause) => typeof cause !== "string"),
  );
  const { prod } = metadata.dependencies;
  process.stdout.write(
    `audit: ${advisories.length} known vulnerabilities in ${prod} packages\n`,
  );
  for (const { name, range, severity, title, url } of advisories) {
    const reason = explained.get(url);
    if (reason === undefined) {
      process.stderr.write(`${name} ${range}: ${severity}: ${title} ${url}\n`);
      process.exitCode = 1;
    } else {
      process.stdout.write(`${name} ${range}: ${title}: ${reason}\n`);
    }
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
