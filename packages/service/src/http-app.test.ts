import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { pino } from "pino";
import { createHttpApp, type HttpAppOptions } from "./http-app.js";

async function useApp(t: TestContext, options: Partial<HttpAppOptions> = {}) {
  const app = await createHttpApp({
    logger: pino({ level: "silent" }),
    corsOrigins: [],
    maxBodyBytes: 1024,
    ...options,
  });
  t.after(() => app.close());
  app.post("/echo", async (req) => req.body);
  app.get("/broken", async () => {
    throw new Error("secret");
  });
  app.get("/names/:name", async (req) => req.params);
  return app;
}

suite("createHttpApp()", () => {
  const problems: [
    what: string,
    status: number,
    request: { method: "GET" | "POST"; url: string; payload?: string },
  ][] = [
    ["an unknown route", 404, { method: "GET", url: "/nowhere?token=secret" }],
    ["a malformed path", 400, { method: "GET", url: "/names/%E0%A4%A" }],
    ["malformed JSON", 400, { method: "POST", url: "/echo", payload: "{" }],
    [
      "a body that is too large",
      413,
      {
        method: "POST",
        url: "/echo",
        payload: JSON.stringify("x".repeat(2048)),
      },
    ],
    ["an unexpected error", 500, { method: "GET", url: "/broken" }],
  ];
  for (const [what, status, request] of problems) {
    test(`answers ${what} with a problem of status ${status}`, async (t) => {
      const app = await useApp(t);
      const res = await app.inject({
        ...request,
        headers: { "content-type": "application/json" },
      });
      assert.equal(res.statusCode, status);
      assert.match(
        String(res.headers["content-type"]),
        /^application\/problem\+json/,
      );
      const { type, title, status: inBody, detail, code } = res.json();
      assert.equal(inBody, status);
      assert.equal(type, "about:blank");
      for (const field of [title, detail, code]) {
        assert.equal(typeof field, "string");
      }
      assert.doesNotMatch(res.body, /secret|stack|node:/);
    });
  }

  test("takes long names", async (t) => {
    const app = await useApp(t);
    const name = "👨‍👩‍👧‍👦".repeat(100);
    const res = await app.inject(`/names/${encodeURIComponent(name)}`);
    assert.deepEqual(res.json(), { name });
  });

  test("tells of a call to an unknown RPC, and of nothing else", async (t) => {
    let unknown = 0;
    const app = await useApp(t, { onUnknownRpc: () => unknown++ });
    await app.inject("/favicon.ico");
    await app.inject({
      method: "POST",
      url: "/form",
      headers: { "content-type": "text/plain" },
      payload: "a",
    });
    assert.equal(unknown, 0);
    await app.inject({
      method: "POST",
      url: "/no.Service/Method",
      headers: { "content-type": "application/grpc" },
    });
    assert.equal(unknown, 1);
  });

  test("lets in the origins that are named, and no other", async (t) => {
    const app = await useApp(t, { corsOrigins: ["http://a.example"] });
    const preflight = (origin: string) =>
      app.inject({
        method: "OPTIONS",
        url: "/echo",
        headers: { origin, "access-control-request-method": "POST" },
      });
    const named = await preflight("http://a.example");
    assert.equal(
      named.headers["access-control-allow-origin"],
      "http://a.example",
    );
    const other = await preflight("http://b.example");
    assert.equal(other.headers["access-control-allow-origin"], undefined);
  });
});
