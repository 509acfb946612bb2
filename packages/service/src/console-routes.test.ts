import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { fastify } from "fastify";
import { registerConsoleRoutes } from "./console-routes.js";

async function useApp(t: TestContext, files: Record<string, string>) {
  const pages = mkdtempSync(join(tmpdir(), "console-"));
  t.after(() => rmSync(pages, { recursive: true }));
  mkdirSync(join(pages, "assets"));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(pages, name), content);
    writeFileSync(join(pages, `${name}.gz`), gzipSync(content));
  }
  const app = fastify();
  t.after(() => app.close());
  app.get("/other", () => "other");
  await registerConsoleRoutes(app, { pages });
  return app;
}

const built = {
  "index.html": "<!doctype html><title>Console</title>",
  "assets/main-D3adB33f.js": "export {};",
};

suite("registerConsoleRoutes(app)", () => {
  test("answers the page, which is asked for each time", async (t) => {
    const app = await useApp(t, built);
    const page = await app.inject("/admin/");
    assert.equal(page.statusCode, 200);
    assert.equal(page.body, built["index.html"]);
    assert.match(String(page.headers["content-type"]), /^text\/html/);
    assert.equal(page.headers["cache-control"], "no-cache");
  });

  test("answers files with a hash for ever, compressed where it is asked for", async (t) => {
    const app = await useApp(t, built);
    const file = await app.inject({
      url: "/admin/assets/main-D3adB33f.js",
      headers: { "accept-encoding": "gzip" },
    });
    assert.equal(file.statusCode, 200);
    assert.equal(file.headers["content-encoding"], "gzip");
    assert.match(String(file.headers["content-type"]), /javascript/);
    assert.equal(
      file.headers["cache-control"],
      "public, max-age=31536000, immutable",
    );
  });

  test("lets the page do what it has to, and nothing else", async (t) => {
    const app = await useApp(t, built);
    const { headers } = await app.inject("/admin/");
    assert.deepEqual(
      String(headers["content-security-policy"]).split(";").sort(),
      [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self'",
      ],
    );
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["x-frame-options"], "DENY");
    assert.equal(headers["referrer-policy"], "same-origin");
  });

  test("leads paths to the page, relative to whatever is in front", async (t) => {
    const app = await useApp(t, built);
    const location = async (url: string) =>
      (await app.inject(url)).headers.location;
    assert.equal(await location("/admin"), "admin/");
    assert.equal(await location("/admin/jobs"), "./#/jobs");
    assert.equal(
      await location("/admin/jobs/send-heartbeat"),
      "../#/jobs/send-heartbeat",
    );
  });

  test("answers 404 for a file that is not there", async (t) => {
    const app = await useApp(t, built);
    const old = await app.inject("/admin/assets/main-0ld.js");
    assert.equal(old.statusCode, 404);
    assert.match(String(old.headers["content-type"]), /^text\/plain/);
    const outside = await app.inject("/admin/..%2f..%2fetc%2fpasswd");
    assert.notEqual(outside.statusCode, 200);
  });

  test("says what to do when the console was not built", async (t) => {
    const app = await useApp(t, {});
    for (const url of ["/admin", "/admin/", "/admin/jobs"]) {
      const answer = await app.inject(url);
      assert.equal(answer.statusCode, 404);
      assert.match(
        answer.body,
        /^the console was not built: run npm run build/,
      );
    }
  });

  test("leaves the headers of other routes alone", async (t) => {
    const app = await useApp(t, built);
    const { headers } = await app.inject("/other");
    assert.equal(headers["content-security-policy"], undefined);
  });
});
