import { once } from "node:events";
import * as http from "node:http";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import {
  type Code,
  ConnectError,
  type ConnectRouter,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { finishRequests } from "fastify-one-port";
import type { LaneCounts } from "./lane-counts.js";
import { serveFastlane } from "./serve-fastlane.js";

/** What a request asks of the server that serves it, in its header `x-act`. */
export interface Act {
  gate?: "refuse" | "wait" | "plain" | "header";
  intercept?: "spread" | "headers" | "throw" | "late";
  /** Whether the handler looks at its signal. */
  signal?: boolean;
  /** How long the handler works, or that it works until its signal aborts. */
  work?: number | "signal";
  header?: [string, string][];
  trailer?: [string, string][];
  /** The length of the text in a message. */
  size?: number;
  /** How many messages a stream has. */
  count?: number;
  fail?: { code: Code; message: string; detail?: boolean; meta?: boolean };
  plain?: boolean;
}

/** Two servers of one kind that do the same and note what they see. */
export interface Servers {
  readonly port: { http1: number; http2: number };
  /** What was seen of the request with this id. */
  seen(id: string): string[];
  forget(id: string): void;
  readonly counts: LaneCounts[];
}

export const options = {
  readMaxBytes: 4_000,
  writeMaxBytes: 60_000,
  maxTimeoutMs: 100_000,
};

/** Starts servers for both versions of HTTP, with the lane or without. */
export async function startServers(
  t: TestContext,
  kind: "lane" | "stock",
): Promise<Servers> {
  const log = new Map<string, string[]>();
  const seen = (id: string) => {
    const lines = log.get(id) ?? [];
    log.set(id, lines);
    return lines;
  };
  const counts: LaneCounts[] = [];
  const listen = async (server: http.Server | http2.Http2Server) => {
    const all = {
      ...options,
      interceptors: [createInterceptor(seen)],
      requestGate: passGate,
      routes: (router: ConnectRouter) => addRoutes(router, seen),
    };
    if (kind === "lane") {
      counts.push(serveFastlane(server, all).counts);
    } else {
      // One listener for the requests of both versions.
      server.on("request", connectNodeAdapter(all) as http.RequestListener);
    }
    finishRequests(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    // A TCP server's address is no string.
    return (server.address() as AddressInfo).port;
  };
  const plain = http.createServer();
  t.after(() => plain.closeAllConnections());
  return {
    port: {
      http1: await listen(plain),
      http2: await listen(http2.createServer()),
    },
    seen,
    forget: (id) => log.delete(id),
    counts,
  };
}

function actOf(header: Headers): Act {
  return JSON.parse(header.get("x-act") ?? "{}");
}

function describe(reason: unknown): string {
  return reason instanceof ConnectError
    ? `${reason.code} ${reason.rawMessage}`
    : String(reason);
}

async function passGate({ requestHeader, responseHeader }: HandlerContext) {
  switch (actOf(requestHeader).gate) {
    case "refuse":
      throw new ConnectError("not you", 7, { "x-why": "gate" });
    case "plain":
      throw new Error("secret");
    case "wait":
      await delay(2);
      break;
    case "header":
      responseHeader.set("X-Gate", "passed");
  }
}

function createInterceptor(seen: (id: string) => string[]): Interceptor {
  return (next) => async (req) => {
    const lines = seen(req.header.get("x-id") ?? "");
    const { intercept } = actOf(req.header);
    const url = req.url.replace(/:\d+/, "");
    lines.push(`${req.stream} ${req.method.name} ${req.requestMethod} ${url}`);
    if (intercept === "throw") {
      throw new ConnectError("intercepted", 9);
    }
    try {
      const res = await next(
        intercept === "spread"
          ? { ...req, header: new Headers(req.header) }
          : req,
      );
      if (intercept === "headers") {
        res.header.append("x-b", "intercepted");
        return {
          ...res,
          header: new Headers({
            ...Object.fromEntries(res.header),
            "x-new": "1",
          }),
        };
      }
      if (intercept === "late") {
        res.trailer.set("x-late", "é");
      }
      return res;
    } catch (error) {
      lines.push(`failed ${describe(error)}`);
      throw error;
    }
  };
}

function addRoutes(router: ConnectRouter, seen: (id: string) => string[]) {
  const work = async (context: HandlerContext): Promise<Act> => {
    const lines = seen(context.requestHeader.get("x-id") ?? "");
    const act = actOf(context.requestHeader);
    const fields = [...context.requestHeader]
      .filter(([name]) => name !== "host")
      .map(([name, value]) => `${name}: ${value}`);
    lines.push(
      `${context.protocolName} ${context.requestMethod} ${typeof context.timeoutMs()}`,
      fields.join("\n"),
    );
    // On a busy machine the deadline may have passed before the handler began.
    const timed = context.requestHeader.has("x-timeout");
    if (!timed && (act.signal || act.work === "signal")) {
      const { signal } = context;
      lines.push(`aborted ${signal.aborted}`);
      signal.addEventListener("abort", () => {
        lines.push(`signal ${describe(signal.reason)}`);
      });
    }
    for (const [name, value] of act.header ?? []) {
      context.responseHeader.append(name, value);
    }
    for (const [name, value] of act.trailer ?? []) {
      context.responseTrailer.append(name, value);
    }
    if (act.work === "signal") {
      const { signal } = context;
      if (!signal.aborted) {
        await once(signal, "abort");
      }
      throw signal.reason;
    }
    if (act.work !== undefined) {
      await delay(act.work);
    }
    return act;
  };
  const fail = ({ fail, plain }: Act) => {
    if (plain) {
      throw new TypeError("secret");
    }
    if (fail !== undefined) {
      const details = fail.detail
        ? [{ desc: DurationSchema, value: { seconds: 7n } }]
        : [];
      const meta: Record<string, string> = fail.meta
        ? { "x-meta": "1", "content-type": "no", "set-cookie": "a=b" }
        : {};
      throw new ConnectError(fail.message, fail.code, meta, details);
    }
  };
  router.service(RevertNameService, {
    async revertName({ name }, context) {
      const act = await work(context);
      fail(act);
      return { reversedName: act.size ? "x".repeat(act.size) : name };
    },
    async *revertNames(requests, context) {
      await work(context);
      for await (const { name } of requests) {
        yield { reversedName: name };
      }
    },
  });
  router.service(HeartbeatService, {
    async beatHeart(_request, context) {
      fail(await work(context));
      return {};
    },
  });
  router.service(TimeService, {
    async *watchTime(_request, context) {
      const act = await work(context);
      for (let i = 0; i < (act.count ?? 0); i++) {
        yield { rfc3339: "y".repeat(act.size ?? i) };
      }
      fail(act);
    },
  });
}
