import { createHash } from "node:crypto";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "@both-ends/testing";
import type { Command } from "./rpc-process.js";

/** What one process of a peer is. */
export type Role = "revert-name" | "time" | "edge";

/** A server to compare with, not built yet. */
export interface Peer {
  readonly name: string;
  /** What it does for each RevertName, in words. */
  readonly does: {
    readonly validation: string;
    readonly graphemes: string;
    readonly metrics: string;
  };
  /** Whether it has the proxy, too. */
  readonly proxy: boolean;
  /** Whether its metrics are to have counted every call. */
  readonly counts: boolean;
  /** Builds it. Rejects with the reason why it cannot be had. */
  prepare(): Promise<StartRole>;
}

/** The command that starts one process of a peer. */
export type StartRole = (
  role: Role,
  env: Readonly<Record<string, string>>,
) => Command;

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "both-ends",
  "bench",
);
const segmenter = "Intl.Segmenter, plain ASCII without";

/** The servers, ours first. */
export const peers: readonly Peer[] = [
  {
    name: "both-ends",
    does: {
      validation: "protovalidate",
      graphemes: segmenter,
      metrics: "connectrpc-prometheus",
    },
    proxy: true,
    counts: true,
    prepare: async () => (role, env) =>
      node(env, join(root, `services/${role}/dist/main.js`), [
        "server",
        "--exit-with-stdin",
      ]),
  },
  {
    name: "connect-go",
    does: {
      validation: "protovalidate",
      graphemes: "uniseg, plain ASCII without",
      metrics: "client_golang, an interceptor",
    },
    proxy: true,
    counts: true,
    prepare: prepareGo,
  },
  {
    name: "grpcio",
    does: {
      validation: "by hand",
      graphemes: "regex \\X, plain ASCII without",
      metrics: "py-grpc-prometheus",
    },
    proxy: false,
    counts: true,
    prepare: preparePython,
  },
  {
    name: "nice-grpc",
    does: {
      validation: "protovalidate",
      graphemes: segmenter,
      metrics: "nice-grpc-prometheus",
    },
    proxy: false,
    counts: true,
    prepare: nodePeer("nice-grpc"),
  },
  {
    name: "stock connect-node",
    does: {
      validation: "protovalidate",
      graphemes: segmenter,
      metrics: "connectrpc-prometheus",
    },
    proxy: true,
    counts: true,
    prepare: nodePeer("stock-connect"),
  },
  {
    name: "bare node:http2",
    does: { validation: "none", graphemes: segmenter, metrics: "none" },
    proxy: true,
    counts: false,
    prepare: nodePeer("bare-http2"),
  },
];

/** The program of a peer that runs on Node, by its file in `peers`. */
export function nodePeer(name: string): () => Promise<StartRole> {
  const file = fileURLToPath(new URL(`peers/${name}.js`, import.meta.url));
  return async () => (role, env) => node({ ...env, ROLE: role }, file);
}

function node(
  env: Readonly<Record<string, string>>,
  file: string,
  args: readonly string[] = [],
): Command {
  return {
    file: process.execPath,
    args: [file, ...args],
    env: { ...env, NODE_ENV: "production" },
  };
}

async function prepareGo(): Promise<StartRole> {
  const file = join(cache, "connect-go");
  await mkdir(cache, { recursive: true });
  await must("go", ["build", "-o", file, "."], {
    cwd: join(root, "bench/peers/connect-go"),
  });
  return (role, env) => ({ file, args: [], env: { ...env, ROLE: role } });
}

async function preparePython(): Promise<StartRole> {
  const folder = join(root, "bench/peers/grpcio");
  const requirements = join(folder, "requirements.txt");
  const hash = createHash("sha256").update(await readFile(requirements));
  const venv = join(cache, `grpcio-${hash.digest("hex").slice(0, 12)}`);
  const python = join(venv, "bin/python");
  const done = join(venv, "installed");
  try {
    await access(done);
  } catch {
    await must("python3", ["-m", "venv", "--clear", venv]);
    await must(python, ["-m", "pip", "install", "-q", "-r", requirements]);
    await writeFile(done, "");
  }
  const generated = join(venv, "generated");
  await mkdir(generated, { recursive: true });
  await must(python, [
    ...["-m", "grpc_tools.protoc"],
    ...["-I", join(root, "proto"), "-I", join(root, "proto-vendor")],
    ...["--python_out", generated, "--grpc_python_out", generated],
    "revertname/v1/revert_name_service.proto",
    "buf/validate/validate.proto",
  ]);
  return (_, env) => ({
    file: python,
    args: [join(folder, "server.py")],
    env: { ...env, PYTHONPATH: generated },
  });
}

async function must(
  command: string,
  args: readonly string[],
  options: { cwd?: string } = {},
): Promise<void> {
  const { code, stderr } = await run(command, args, {
    ...options,
    timeoutMs: 300_000,
  });
  if (code !== 0) {
    const last = stderr.trim().split("\n").at(-1);
    throw new Error(`${command} ${args[0]}: ${last}`);
  }
}
