import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTcpServer, type Server } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { isReachable } from "./is-reachable.js";

async function listen(t: TestContext, server: Server): Promise<URL> {
  server.listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return new URL(`http://127.0.0.1:${address.port}`);
}

suite("isReachable()", () => {
  test("answers true for a server that answers, whatever it says", async (t) => {
    const url = await listen(
      t,
      createServer((_, response) => response.writeHead(403).end()),
    );
    assert.equal(await isReachable(url, 2000, {}), true);
  });

  test("answers false for a port where nobody listens", async () => {
    assert.equal(
      await isReachable(new URL("http://127.0.0.1:1"), 2000, {}),
      false,
    );
  });

  test("answers false within the limit for a server that is silent", async (t) => {
    const url = await listen(
      t,
      createTcpServer((socket) => {
        t.after(() => socket.destroy());
      }),
    );
    const start = performance.now();
    assert.equal(await isReachable(url, 100, {}), false);
    assert.ok(performance.now() - start < 1000);
  });

  test("asks a proxy for the host, with its credentials", async (t) => {
    const asked: string[] = [];
    const server = createServer();
    server.on("connect", (request, socket) => {
      asked.push(`${request.url} ${request.headers["proxy-authorization"]}`);
      const refused = request.url?.startsWith("refused.example.com");
      socket.end(`HTTP/1.1 ${refused ? 403 : 200} x\r\n\r\n`);
    });
    const proxy = await listen(t, server);
    proxy.username = "ann";
    proxy.password = "s3cret";
    const env = { HTTPS_PROXY: proxy.href };
    const download = new URL("https://download.example.com");
    assert.equal(await isReachable(download, 2000, env), true);
    const refused = new URL("https://refused.example.com");
    assert.equal(await isReachable(refused, 2000, env), false);
    const basic = `Basic ${Buffer.from("ann:s3cret").toString("base64")}`;
    assert.deepEqual(asked, [
      `download.example.com:443 ${basic}`,
      `refused.example.com:443 ${basic}`,
    ]);
  });
});
