import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs that tests use as real peers, and what brings each. */
const tools = {
  buf: "npm ci",
  chromium: "apt-get install chromium",
  connectconformance:
    "go install connectrpc.com/conformance/cmd/connectconformance@v1.0.7 (and put $(go env GOPATH)/bin on PATH)",
  curl: "apt-get install curl",
  ghz: "go install github.com/bojand/ghz/cmd/ghz@v0.93.0 (and put $(go env GOPATH)/bin on PATH)",
  go: "install Go 1.24 or later from https://go.dev/dl",
  grpcio:
    "python3 -m venv DIR, DIR/bin/pip install grpcio==1.85.1 grpcio-status==1.85.1 grpcio-reflection==1.85.1, and PYTHON=DIR/bin/python",
  grpcurl:
    "go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4 (and put $(go env GOPATH)/bin on PATH)",
  openssl: "apt-get install openssl",
  promtool: "apt-get install prometheus",
} as const;

/** The name of a program that a test may need. */
export type ToolName = keyof typeof tools;

/**
 * Test options that skip a test where a program it needs is not on PATH, or
 * for grpcio, where {@link python} cannot import it; the reason says what would
 * enable it. With `CI=true` nothing is skipped: a missing program is an error
 * that names it.
 *
 * @example test("lists services", needs("grpcurl"), async (t) => { … })
 */
export function needs(...names: ToolName[]): { skip: string | false } {
  const missing = names.filter((name) => !isThere(name));
  if (missing.length === 0) {
    return { skip: false };
  }
  const reason = missing
    .map((name) => `${name} is not there, to enable: ${tools[name]}`)
    .join("; ");
  if (process.env.CI === "true") {
    throw new Error(reason);
  }
  return { skip: reason };
}

/** The Python that tests run: `PYTHON`, or python3 on PATH. */
export function python(): string {
  return process.env.PYTHON || "python3";
}

function isThere(name: ToolName): boolean {
  return name === "grpcio" ? hasGrpcio() : isOnPath(name);
}

function hasGrpcio(): boolean {
  const { status } = spawnSync(
    python(),
    ["-c", "import grpc, grpc_reflection, grpc_status"],
    { stdio: "ignore", timeout: 30_000 },
  );
  return status === 0;
}

function isOnPath(name: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
