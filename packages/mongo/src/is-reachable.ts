import { type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

/** Where a proxy may be named, as mongodb-memory-server looks for it. */
const proxyVariables = [
  "npm_config_https_proxy",
  "npm_config_proxy",
  "https_proxy",
  "http_proxy",
  "HTTPS_PROXY",
  "HTTP_PROXY",
];

/**
 * Tells whether the host of a URL answers within a limit, asked the way a
 * download would: through the proxy where one is set.
 */
export async function isReachable(
  url: URL,
  limitMs: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const proxy = proxyVariables.map((name) => env[name]).find(Boolean);
  try {
    return proxy
      ? await answers(new URL(proxy), limitMs, {
          method: "CONNECT",
          path: `${url.hostname}:${url.port || 443}`,
        })
      : await answers(url, limitMs, { method: "HEAD" });
  } catch {
    return false;
  }
}

function answers(
  url: URL,
  limitMs: number,
  options: RequestOptions,
): Promise<boolean> {
  const request = url.protocol === "http:" ? requestHttp : requestHttps;
  const auth =
    url.username === ""
      ? undefined
      : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return new Promise((resolve) => {
    const attempt = request(
      {
        host: url.hostname.replace(/^\[|\]$/g, ""),
        port: url.port || (url.protocol === "http:" ? 80 : 443),
        path: "/",
        ...(auth && {
          headers: {
            "proxy-authorization": `Basic ${Buffer.from(auth).toString("base64")}`,
          },
        }),
        ...options,
        agent: false,
      },
      (response) => {
        response.destroy();
        // A proxy that refuses to connect answers like any server.
        settle(options.method !== "CONNECT");
      },
    );
    const settle = (reachable: boolean) => {
      clearTimeout(timer);
      attempt.destroy();
      resolve(reachable);
    };
    const timer = setTimeout(() => settle(false), limitMs);
    attempt.once("connect", (response, socket) => {
      socket.destroy();
      settle(response.statusCode === 200);
    });
    attempt.on("error", () => settle(false));
    attempt.end();
  });
}
