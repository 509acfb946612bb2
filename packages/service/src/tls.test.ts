import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import {
  createCertificate,
  laneVariables,
  needs,
  run,
} from "@both-ends/testing";
import { createClient } from "@connectrpc/connect";
import { z } from "zod";
import { baseOptions, readConfig } from "./config.js";
import { startServer } from "./server.js";
import { readClientTls } from "./tls-files.js";
import { createServiceTransport } from "./transport.js";

const config = z.object(
  baseOptions({ port: 0, grpcPort: 0, metricsPort: 0, workerMetricsPort: 0 }),
);
const common = { MONGODB_URI: "mongodb://127.0.0.1:1", LOG_LEVEL: "silent" };

/** Certificates in files, each its own authority. */
async function useCertificates(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), "service-tls-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = (name: string) => join(directory, name);
  for (const name of ["server", "client", "stranger"]) {
    const { key, cert } = await createCertificate(name);
    await writeFile(file(`${name}.key`), key);
    await writeFile(file(`${name}.pem`), cert);
  }
  return file;
}

async function useTlsServer(t: TestContext, env: Record<string, string>) {
  const running = await startServer(
    {
      name: "sample",
      version: "1.2.3",
      config,
      server: () => ({
        routes(router) {
          router.service(TimeService, {
            whatTimeIs: () => ({ rfc3339: "now" }),
          });
        },
      }),
      worker: () => [],
    },
    readConfig(config, { ...common, ...laneVariables(), ...env }),
  );
  t.after(() => running.close());
  const { web, grpc } = running.addresses;
  return {
    url: `https://127.0.0.1:${web?.port}`,
    grpcUrl: `https://127.0.0.1:${grpc?.port}`,
  };
}

async function whatTimeIs(
  t: TestContext,
  baseUrl: string,
  env: Record<string, string>,
) {
  const { transport, close } = createServiceTransport({
    baseUrl,
    maxMessageBytes: 1024,
    tls: readClientTls(readConfig(config, { ...common, ...env })),
  });
  t.after(close);
  const { rfc3339 } = await createClient(TimeService, transport).whatTimeIs(
    {},
    { timeoutMs: 5_000 },
  );
  return rfc3339;
}

suite("startServer() with TLS_CERT_FILE", needs("openssl", "curl"), () => {
  test("speaks TLS on both ports, to those who trust it", async (t) => {
    const file = await useCertificates(t);
    const { url, grpcUrl } = await useTlsServer(t, {
      TLS_CERT_FILE: file("server.pem"),
      TLS_KEY_FILE: file("server.key"),
    });
    const CALL_CA_FILE = file("server.pem");
    assert.equal(await whatTimeIs(t, url, { CALL_CA_FILE }), "now");
    assert.equal(await whatTimeIs(t, grpcUrl, { CALL_CA_FILE }), "now");
    await assert.rejects(
      whatTimeIs(t, url, { CALL_CA_FILE: file("stranger.pem") }),
      { rawMessage: /certificate/ },
    );
    for (const version of ["--http1.1", "--http2"]) {
      const { stdout, stderr } = await run("curl", [
        ...["-sS", "--max-time", "10", version],
        ...["--cacert", file("server.pem"), `${url}/healthz`],
      ]);
      assert.equal(stdout, '{"status":"alive"}', stderr);
    }
  });

  test("asks for a certificate with TLS_CLIENT_CA_FILE", async (t) => {
    const file = await useCertificates(t);
    const { url } = await useTlsServer(t, {
      TLS_CERT_FILE: file("server.pem"),
      TLS_KEY_FILE: file("server.key"),
      TLS_CLIENT_CA_FILE: file("client.pem"),
    });
    const as = (name: string) => ({
      CALL_CA_FILE: file("server.pem"),
      CALL_CERT_FILE: file(`${name}.pem`),
      CALL_KEY_FILE: file(`${name}.key`),
    });
    assert.equal(await whatTimeIs(t, url, as("client")), "now");
    for (const env of [as("stranger"), { CALL_CA_FILE: file("server.pem") }]) {
      await assert.rejects(whatTimeIs(t, url, env));
    }
  });

  const mistakes: [env: Record<string, string>, message: RegExp][] = [
    [{ TLS_CERT_FILE: "a" }, /TLS_CERT_FILE and TLS_KEY_FILE go together/],
    [{ TLS_CLIENT_CA_FILE: "a" }, /TLS_CLIENT_CA_FILE: needs TLS_CERT_FILE/],
    [
      { TLS_CERT_FILE: "/nowhere.pem", TLS_KEY_FILE: "/nowhere.key" },
      /TLS_CERT_FILE: cannot be read: ENOENT/,
    ],
    [{ CALL_CERT_FILE: "a" }, /CALL_CERT_FILE and CALL_KEY_FILE go together/],
  ];
  for (const [env, message] of mistakes) {
    test(`refuses ${Object.keys(env).join(" and ")} that cannot work`, async (t) => {
      await assert.rejects(useTlsServer(t, env), {
        name: "ConfigError",
        message,
      });
    });
  }
});
