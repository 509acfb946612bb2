import { createServer, request } from "node:http";
import type { TestContext } from "node:test";
import { freePorts } from "@both-ends/testing";

/**
 * Starts a proxy that serves a service below a path, as many do that put several
 * services behind one name. Gives the address with the path; ends after the test.
 *
 * @param target The service, as `host:port`.
 */
export async function startPathProxy(
  t: Pick<TestContext, "after">,
  target: string,
  path: string,
): Promise<string> {
  const [host, port] = target.split(":");
  const server = createServer((req, res) => {
    if (!req.url?.startsWith(`${path}/`)) {
      res.writeHead(404).end();
      return;
    }
    const { method, headers } = req;
    const onward = request(
      { host, port, method, headers, path: req.url.slice(path.length) },
      (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(res);
      },
    );
    onward.on("error", () => res.destroy());
    res.on("close", () => onward.destroy());
    req.pipe(onward);
  });
  const [own = 0] = await freePorts(1);
  await new Promise<void>((resolve) =>
    server.listen(own, "127.0.0.1", () => resolve()),
  );
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${own}${path}`;
}
