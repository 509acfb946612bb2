// Builds the pages into dist/pages, if what they are made from has changed
// since they were built last. With --force, in any case.
import { createHash } from "node:crypto";
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const root = fileURLToPath(new URL(".", import.meta.url));
const pages = join(root, "dist/pages");
const stamp = join(root, "dist/pages.sha256");

function filesBelow(path) {
  if (!statSync(path).isDirectory()) {
    return [path];
  }
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

function hashSources() {
  const hash = createHash("sha256");
  const sources = [
    "src",
    "index.html",
    "build.mjs",
    "package.json",
    "../../gen/es",
    "../../package-lock.json",
  ];
  const files = sources
    .map((source) => join(root, source))
    .filter((path) => existsSync(path))
    .flatMap(filesBelow)
    .filter((file) => !/\.test\.ts$|[\\/]fixture[\\/]/.test(file));
  for (const file of files) {
    hash.update(relative(root, file)).update("\0").update(readFileSync(file));
  }
  return hash.digest("hex");
}

/**
 * Leaves out the rules that requests are validated by: they are for servers, and
 * a browser would take longer to read their schema than all others together.
 * What remains is an empty file of their name, for those that import it.
 */
async function leaveOutValidation() {
  const { create, toBinary } = await import("@bufbuild/protobuf");
  const { FileDescriptorProtoSchema } = await import("@bufbuild/protobuf/wkt");
  const empty = create(FileDescriptorProtoSchema, {
    name: "buf/validate/validate.proto",
    package: "buf.validate",
    syntax: "proto2",
  });
  const bytes = toBinary(FileDescriptorProtoSchema, empty);
  const base64 = Buffer.from(bytes).toString("base64");
  return {
    name: "leave-out-validation",
    load(id) {
      return /[\\/]buf[\\/]validate[\\/]validate_pb\.js$/.test(id)
        ? `import { fileDesc } from "@bufbuild/protobuf/codegenv2";
export const file_buf_validate_validate = fileDesc("${base64}");`
        : undefined;
    },
  };
}

async function buildPages() {
  // Not before they are needed: they take a second to load.
  const [{ build }, { default: react }] = await Promise.all([
    import("vite"),
    import("@vitejs/plugin-react"),
  ]);
  await build({
    configFile: false,
    root,
    // Relative, so that the pages work behind a path prefix too.
    base: "./",
    logLevel: "warn",
    plugins: [react(), await leaveOutValidation()],
    build: {
      outDir: pages,
      emptyOutDir: true,
      target: "es2022",
      // The policy of the server lets no data: scripts or styles through.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // In kB before compression, of which a test holds the sum of all.
      chunkSizeWarningLimit: 800,
      rolldownOptions: {
        output: {
          // What three pages or more use is one file: by itself it would be twenty of
          // a kilobyte each, which wait for each other at six connections.
          codeSplitting: {
            groups: [
              { name: "shared", minShareCount: 3, maxModuleSize: 20_000 },
            ],
          },
        },
      },
    },
  });
  // Compressed once here instead of at each request.
  for (const file of filesBelow(pages)) {
    if (/\.(js|css|svg|html)$/.test(file)) {
      const content = readFileSync(file);
      writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
      writeFileSync(`${file}.br`, brotliCompressSync(content));
    }
  }
}

const hash = hashSources();
const isFresh =
  existsSync(join(pages, "index.html")) &&
  existsSync(stamp) &&
  readFileSync(stamp, "utf8") === hash;
if (!isFresh || process.argv.includes("--force")) {
  rmSync(stamp, { force: true });
  await buildPages();
  writeFileSync(stamp, hash);
}
