// Checks the links of all Markdown pages that lead into this repository: the file is
// committed or about to be, and the heading is there. Those of a published package stay
// inside it, as its page at npm has nothing else.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { posix } from "node:path";

const files = new Set(
  execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard"],
    { encoding: "utf8" },
  )
    .trim()
    .split("\n"),
);
const folders = new Set(["."]);
for (const file of files) {
  for (let dir = posix.dirname(file); dir !== "."; dir = posix.dirname(dir)) {
    folders.add(dir);
  }
}

const wrong = [];
let count = 0;
const pages = [...files].filter((file) => file.endsWith(".md"));
for (const page of pages) {
  const text = withoutCode(readFileSync(page, "utf8"));
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)) {
    if (!/^[a-z]+:/.test(target)) {
      count += 1;
      const reason = judge(page, decodeURI(target));
      if (reason) {
        wrong.push(`${page}: ${target}: ${reason}`);
      }
    }
  }
}

process.stdout.write(`${count} links on ${pages.length} pages\n`);
if (wrong.length > 0) {
  process.stderr.write(`${wrong.join("\n")}\n`);
  process.exitCode = 1;
}

/** Says what is wrong with a link, or nothing. */
function judge(page, target) {
  const [path, anchor] = target.split("#");
  const file =
    path === ""
      ? page
      : posix.join(posix.dirname(page), path).replace(/\/$/, "");
  if (!files.has(file) && !folders.has(file)) {
    return "no such file";
  }
  const home = publishedFolder(page);
  if (home && !file.startsWith(`${home}/`)) {
    return "leaves the published package";
  }
  if (anchor && !anchorsOf(file).has(anchor)) {
    return "no such heading";
  }
  return undefined;
}

function publishedFolder(page) {
  const home = /^packages\/[^/]+/.exec(page)?.[0];
  const manifest = home && `${home}/package.json`;
  return manifest &&
    files.has(manifest) &&
    !JSON.parse(readFileSync(manifest, "utf8")).private
    ? home
    : undefined;
}

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(file) {
  const anchors = new Set();
  const text = withoutFences(readFileSync(file, "utf8"));
  for (const [, heading] of text.matchAll(/^#{1,6} +(.*)$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n += 1) {
      anchor = `${slug}-${n}`;
    }
    anchors.add(anchor);
  }
  return anchors;
}

function withoutFences(text) {
  return text.replace(/^ *(```|~~~).*?^ *\1/gms, "");
}

function withoutCode(text) {
  return withoutFences(text).replace(/`[^`\n]*`/g, "");
}
