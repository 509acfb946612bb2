import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { addService } from "./add-service.js";
import { spellNames } from "./service-names.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const help = `Usage: npm run new-service -- <name>

Adds a service with one RPC, to make your own of: schema, handler, test, server
and worker process, containers, Prometheus jobs. The name is lower-case words
with hyphens between them: greet-people.
`;

const [name, ...rest] = process.argv.slice(2);
if (name === "--help" || name === "-h") {
  process.stdout.write(help);
} else if (name === undefined || rest.length > 0) {
  process.stderr.write(help);
  process.exitCode = 2;
} else {
  process.exitCode = await add(name);
}

async function add(name: string): Promise<number> {
  try {
    const { files, ports } = await addService(root, name);
    process.stdout.write(files.map((file) => `  ${file}\n`).join(""));
    for (const [program, ...args] of [
      ["npm", "install", "--no-audit", "--no-fund"],
      ["npx", "buf", "generate"],
      ["npx", "biome", "check", "--write", `services/${name}`],
    ]) {
      const { status } = spawnSync(String(program), args, {
        cwd: root,
        stdio: ["ignore", "ignore", "inherit"],
      });
      if (status !== 0) {
        process.stderr.write(`${program} ${args.join(" ")} failed\n`);
        return 1;
      }
    }
    const { flat, pascal } = spellNames(name);
    const path = `${flat}.v1.${pascal}Service/${pascal}`;
    process.stdout.write(
      `${name} is there: npm start, then\n  grpcurl -plaintext -d '{"name":"Rodrigo"}' localhost:${ports.PORT} ${path}\n`,
    );
    return 0;
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  }
}
