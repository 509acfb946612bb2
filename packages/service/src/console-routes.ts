import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fastifyHelmet from "@fastify/helmet";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";

/** Where {@link registerConsoleRoutes} takes the pages from. */
export interface ConsoleRoutesOptions {
  /** The folder of the built pages. By default, that of the console package. */
  pages?: string;
}

const builtPages = fileURLToPath(
  new URL("../../console/dist/pages", import.meta.url),
);

/**
 * Serves the console under `/admin/`. Files with a hash in their name are
 * cached for ever, the page itself is asked for each time. A path of the
 * console without its fragment leads to the page. Answers 404 with a text that
 * says what to do when the console was not built.
 */
export async function registerConsoleRoutes(
  app: FastifyInstance,
  options: ConsoleRoutesOptions = {},
): Promise<void> {
  const { pages = builtPages } = options;
  await app.register(
    async (scope) => {
      await scope.register(fastifyHelmet, { global: true, ...helmetOptions });
      if (existsSync(join(pages, "index.html"))) {
        await servePages(scope, pages);
      } else {
        sayNotBuilt(scope);
      }
    },
    { prefix: "/admin" },
  );
}

/**
 * What the pages may do. Styles come from style sheets alone: the pages keep
 * Mantine from writing style elements (its variables and classes are in its
 * style sheet, and nothing locks scrolling), and what React and uPlot set on
 * elements goes by the object model, which the policy does not concern.
 */
const helmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ["'self'", "data:"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  frameguard: { action: "deny" as const },
  // Names this host to its own ports alone.
  referrerPolicy: { policy: "same-origin" as const },
  // The port also speaks without TLS: who ends TLS decides on HSTS.
  strictTransportSecurity: false,
};

async function servePages(scope: FastifyInstance, pages: string) {
  await scope.register(fastifyStatic, {
    root: pages,
    prefix: "/",
    preCompressed: true,
    redirect: false,
    // Only what is there now is a route, so that all else leads to the page.
    wildcard: false,
    index: false,
    cacheControl: false,
    setHeaders(reply, path) {
      reply.header(
        "cache-control",
        path.includes(join(pages, "assets"))
          ? "public, max-age=31536000, immutable"
          : "no-cache",
      );
    },
  });
  // Relative, for whatever path a proxy puts in front.
  scope.get("", (_req, reply) => reply.redirect("admin/", 308));
  scope.get("/", { prefixTrailingSlash: "slash" }, (_req, reply) =>
    reply.sendFile("index.html"),
  );
  scope.get<{ Params: { "*": string } }>("/*", (req, reply) => {
    const parts = req.params["*"].split("/").map(encodeURIComponent);
    if (parts[0] === "assets") {
      return sendText(reply, "no such file\n");
    }
    const up = "../".repeat(parts.length - 1) || "./";
    return reply.redirect(`${up}#/${parts.join("/")}`, 302);
  });
}

function sayNotBuilt(scope: FastifyInstance) {
  const answer = (_req: unknown, reply: FastifyReply) =>
    sendText(reply, "the console was not built: run npm run build\n");
  scope.get("", answer);
  scope.get("/*", answer);
}

function sendText(reply: FastifyReply, text: string) {
  return reply.code(404).type("text/plain; charset=utf-8").send(text);
}
