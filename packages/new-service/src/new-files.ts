import type { PortName } from "@both-ends/launcher";
import type { ServiceNames } from "./service-names.js";

/** The files of a new service: their paths from the root, and what is in them. */
export function newFiles(
  names: ServiceNames,
  ports: Readonly<Record<PortName, number>>,
): ReadonlyMap<string, string> {
  const { kebab, flat, snake } = names;
  const folder = `services/${kebab}`;
  return new Map([
    [`proto/${flat}/v1/${snake}_service.proto`, schema(names)],
    [`${folder}/package.json`, manifest(names)],
    [`${folder}/tsconfig.json`, compilerSettings],
    [`${folder}/src/app.ts`, app(names, ports)],
    [`${folder}/src/main.ts`, main(names)],
    [`${folder}/src/${kebab}.ts`, handler(names)],
    [`${folder}/src/${kebab}.test.ts`, handlerTest(names)],
  ]);
}

function schema({ flat, pascal }: ServiceNames): string {
  return `syntax = "proto3";

package ${flat}.v1;

import "buf/validate/validate.proto";

// ${pascal}Service greets. Say here what your service is for.
service ${pascal}Service {
  // ${pascal} answers a greeting.
  //
  // Errors: \`invalid_argument\` for a name that is empty or too long.
  rpc ${pascal}(${pascal}Request) returns (${pascal}Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
}

// ${pascal}Request says whom to greet.
message ${pascal}Request {
  // The name: 1 to 100 characters.
  string name = 1 [(buf.validate.field).string = {
    min_len: 1
    max_len: 100
  }];
}

// ${pascal}Response is the greeting.
message ${pascal}Response {
  // The text, in English.
  string text = 1;
}
`;
}

function manifest({ kebab }: ServiceNames): string {
  const workspace = "0.1.0";
  const fields = {
    name: `@both-ends/${kebab}`,
    version: workspace,
    private: true,
    description: "Greets",
    license: "Apache-2.0",
    type: "module",
    dependencies: {
      "@both-ends/gen": workspace,
      "@both-ends/heartbeat": workspace,
      "@both-ends/service": workspace,
      "@connectrpc/connect": "2.2.0",
      zod: "^4.6.7",
    },
  };
  return `${JSON.stringify(fields, undefined, 2)}\n`;
}

const compilerSettings = `{
  "extends": "../../tsconfig.base.json",
  "compilerOptions": {
    "rootDir": "src",
    "outDir": "dist",
    "tsBuildInfoFile": "dist/tsconfig.tsbuildinfo"
  },
  "include": ["src"],
  "references": [
    {
      "path": "../../packages/service"
    },
    {
      "path": "../../packages/heartbeat"
    }
  ]
}
`;

function generated({ flat, snake }: ServiceNames): string {
  return `@both-ends/gen/${flat}/v1/${snake}_service_pb.js`;
}

function app(
  names: ServiceNames,
  ports: Readonly<Record<PortName, number>>,
): string {
  const { kebab, camel, pascal } = names;
  return `import { ${pascal}Service } from "${generated(names)}";
import { createSendHeartbeatJob } from "@both-ends/heartbeat";
import { baseOptions, type ServiceDefinition } from "@both-ends/service";
import { z } from "zod";
import { ${camel} } from "./${kebab}.js";

const config = z.object(
  baseOptions({
    port: ${ports.PORT},
    grpcPort: ${ports.GRPC_PORT},
    metricsPort: ${ports.METRICS_PORT},
    workerMetricsPort: ${ports.WORKER_METRICS_PORT},
  }),
);

/** The service that greets. */
export const ${camel}Service: ServiceDefinition<typeof config> = {
  name: "${kebab}",
  version: "0.1.0",
  config,
  server: () => ({
    routes(router) {
      router.service(${pascal}Service, { ${camel} });
    },
  }),
  worker: ({ config, connect }) => [
    createSendHeartbeatJob({
      transport: connect("edge", config.EDGE_URL).transport,
      serviceName: "${kebab}",
      instanceId: config.INSTANCE_ID,
      token: config.HEARTBEAT_TOKEN,
    }),
  ],
};
`;
}

function main({ camel }: ServiceNames): string {
  return `import { runService } from "@both-ends/service";
import { ${camel}Service } from "./app.js";

await runService(${camel}Service);
`;
}

function handler(names: ServiceNames): string {
  const { camel, pascal } = names;
  return `import type { ${pascal}Service } from "${generated(names)}";
import type { ServiceImpl } from "@connectrpc/connect";

/** Handles ${pascal}: a greeting. */
export const ${camel}: ServiceImpl<typeof ${pascal}Service>["${camel}"] = ({
  name,
}) => ({ text: \`Hello, \${name}!\` });
`;
}

function handlerTest(names: ServiceNames): string {
  const { kebab, camel, pascal } = names;
  return `import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ${pascal}Service } from "${generated(names)}";
import { createClient, createRouterTransport } from "@connectrpc/connect";
import { ${camel} } from "./${kebab}.js";

suite("${pascal}", () => {
  test("greets by name", async () => {
    const client = createClient(
      ${pascal}Service,
      createRouterTransport((router) => {
        router.service(${pascal}Service, { ${camel} });
      }),
    );
    const { text } = await client.${camel}({ name: "Rodrigo" });
    assert.equal(text, "Hello, Rodrigo!");
  });
});
`;
}
