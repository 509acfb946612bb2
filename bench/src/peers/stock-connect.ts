// connect-es as it is: connectNodeAdapter on h2c, with connectrpc-prometheus
// and @connectrpc/validate.
import { createServer as createHttp1Server } from "node:http";
import { createServer } from "node:http2";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type ConnectRouter, createClient } from "@connectrpc/connect";
import {
  connectNodeAdapter,
  createGrpcTransport,
} from "@connectrpc/connect-node";
import { createValidateInterceptor } from "@connectrpc/validate";
import {
  createClientMetrics,
  createServerMetrics,
} from "connectrpc-prometheus";
import { Registry } from "prom-client";
import { announce, env, listen } from "./announce.js";
import { reverseGraphemes } from "./reverse-graphemes.js";

const registry = new Registry();
const metricsPort = await listen(
  createHttp1Server(async (_, res) => res.end(await registry.metrics())),
);
await announce(
  env("ROLE") === "edge" ? createProxy() : createRpcServer(),
  metricsPort,
);

function createRpcServer() {
  const metrics = createServerMetrics({ registry });
  return createServer(
    connectNodeAdapter({
      interceptors: [metrics.interceptor, createValidateInterceptor()],
      routes(router: ConnectRouter) {
        router.service(RevertNameService, {
          revertName: ({ name }) => ({ reversedName: reverseGraphemes(name) }),
        });
        router.service(TimeService, {
          whatTimeIs() {
            const now = new Date();
            return { time: timestampFromDate(now), rfc3339: now.toISOString() };
          },
        });
        metrics.observeHandlers(router);
      },
    }),
  );
}

function createProxy() {
  const { interceptor } = createClientMetrics({ registry });
  const transport = (baseUrl: string) =>
    createGrpcTransport({ baseUrl, interceptors: [interceptor] });
  const revertName = createClient(
    RevertNameService,
    transport(env("REVERT_NAME_URL")),
  );
  const time = createClient(TimeService, transport(env("TIME_URL")));
  return createHttp1Server(async (req, res) => {
    const [, , encoded = ""] = (req.url ?? "").split("/");
    const name = decodeURIComponent(encoded);
    try {
      const options = { timeoutMs: 5_000 };
      const [{ reversedName }, { rfc3339 }] = await Promise.all([
        revertName.revertName({ name }, options),
        time.whatTimeIs({}, options),
      ]);
      res.setHeader("content-type", "application/json; charset=utf-8");
      res.end(
        JSON.stringify({ name, reversed_name: reversedName, time: rfc3339 }),
      );
    } catch (error) {
      res.statusCode = 502;
      res.end(String(error));
    }
  });
}
