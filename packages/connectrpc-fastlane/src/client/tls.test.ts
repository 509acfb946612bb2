import assert from "node:assert/strict";
import { createSecureServer } from "node:http2";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
} from "node:net";
import { suite, type TestContext, test } from "node:test";
import { createServer } from "node:tls";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { createCertificate } from "@both-ends/testing";
import { Code, createClient } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { createGrpcTransport } from "./transport.js";

const certificate = await createCertificate("lane");

async function useClient(t: TestContext, server: Server, ca: Buffer) {
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve()),
  );
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  const transport = createGrpcTransport({
    baseUrl: `https://127.0.0.1:${port}`,
    nodeOptions: { ca },
  });
  t.after(async () => {
    transport.close();
    await new Promise((resolve) => server.close(resolve));
  });
  const { revertName } = createClient(RevertNameService, transport);
  return { transport, revertName };
}

const adapter = connectNodeAdapter({
  routes: (router) =>
    router.rpc(RevertNameService.method.revertName, ({ name }) => ({
      reversedName: [...name].reverse().join(""),
    })),
});

suite("the lane over TLS", { timeout: 30_000 }, () => {
  test("carries calls", async (t) => {
    const server = createSecureServer(certificate, adapter);
    const client = await useClient(t, server, certificate.cert);
    const { reversedName } = await client.revertName({ name: "ab" });
    assert.equal(reversedName, "ba");
    assert.equal(client.transport.counts.taken, 1);
  });

  test("fails if the certificate is not trusted", async (t) => {
    const server = createSecureServer(certificate, adapter);
    const other = await createCertificate("another");
    const { revertName } = await useClient(t, server, other.cert);
    await assert.rejects(revertName({}), {
      code: Code.Internal,
      rawMessage: /certificate/,
    });
  });

  for (const [what, options] of [
    ["HTTP/2, or anything by ALPN", {}],
    ["HTTP/2, but HTTP/1.1", { ALPNProtocols: ["http/1.1"] }],
  ] as const) {
    test(`says that a server does not offer ${what}`, async (t) => {
      const server = createServer({ ...certificate, ...options });
      const { revertName } = await useClient(t, server, certificate.cert);
      await assert.rejects(revertName({}), {
        code: Code.Unavailable,
        rawMessage: "the server does not offer HTTP/2 (h2, by ALPN)",
      });
    });
  }

  test("fails with the error of a handshake that was cut", async (t) => {
    const server = createTcpServer((socket) => socket.resume().end());
    const { revertName } = await useClient(t, server, certificate.cert);
    await assert.rejects(revertName({}), { code: Code.Aborted });
  });
});
