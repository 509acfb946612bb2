import { join } from "node:path";
import { root } from "./publishable-packages.js";

/** How to see that a README's example works. */
export interface ReadmeCheck {
  /** How many of its examples make the program, from the first. */
  readonly examples: number;
  /** A program and its arguments that ask the example something. */
  ask(port: number): readonly [program: string, ...args: string[]];
  /** What the answer has in it. */
  readonly expected: RegExp;
}

const h2c = ["--silent", "--http2-prior-knowledge"] as const;
const json = ["--header", "content-type: application/json", "--data"] as const;

/** One check for each publishable package. */
export const readmeChecks: Readonly<Record<string, ReadmeCheck>> = {
  "agenda-prometheus": {
    examples: 1,
    ask: (port) => ["curl", "--silent", `http://127.0.0.1:${port}/`],
    expected: /^agenda_job_runs_total\{.*outcome="success"\} [1-9]/m,
  },
  "connectrpc-fastlane": {
    examples: 1,
    ask: (port) => [
      "curl",
      ...h2c,
      ...json,
      '{"name":"Rodrigo"}',
      `http://127.0.0.1:${port}/revertname.v1.RevertNameService/RevertName`,
    ],
    expected: /"ogirdoR"/,
  },
  "connectrpc-health": {
    examples: 1,
    ask: (port) => [
      "curl",
      ...h2c,
      ...json,
      '{"service":"acme.user.v1.UserService"}',
      `http://127.0.0.1:${port}/grpc.health.v1.Health/Check`,
    ],
    expected: /"SERVING"/,
  },
  "connectrpc-prometheus": {
    examples: 2,
    ask: (port) => ["curl", "--silent", `http://127.0.0.1:${port}/metrics`],
    expected: /^grpc_client_handled_total\{.*grpc_code="OK"\} 1$/m,
  },
  "connectrpc-reflection": {
    examples: 1,
    ask: (port) => [
      join(root, "node_modules/.bin/buf"),
      ..."curl --http2-prior-knowledge --list-methods".split(" "),
      `http://127.0.0.1:${port}`,
    ],
    expected: /^grpc\.reflection\.v1\.ServerReflection\/ServerReflectionInfo$/m,
  },
  "fastify-one-port": {
    examples: 1,
    ask: (port) => ["curl", ...h2c, `http://127.0.0.1:${port}/`],
    expected: /"version":"2\.0"/,
  },
};
