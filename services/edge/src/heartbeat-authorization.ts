import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import {
  type BaseConfig,
  ConfigError,
  hasBearerToken,
} from "@both-ends/service";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";

const { beatHeart, beatHearts } = HeartbeatService.method;

/**
 * Creates the check of who may beat: with `HEARTBEAT_TOKEN` whoever shows it,
 * with client certificates whoever has one, else anyone on this machine.
 *
 * Throws a ConfigError where that would be anyone on the network, unless
 * `ALLOW_OPEN_HEARTBEATS` says so by name.
 */
export function createHeartbeatAuthorization(
  config: BaseConfig & { ALLOW_OPEN_HEARTBEATS: boolean },
): (context: Pick<HandlerContext, "method" | "requestHeader">) => void {
  const token = config.HEARTBEAT_TOKEN;
  const guarded =
    token !== undefined || config.TLS_CLIENT_CA_FILE !== undefined;
  if (!guarded && !isLoopback(config.HOST) && !config.ALLOW_OPEN_HEARTBEATS) {
    throw new ConfigError([
      `HEARTBEAT_TOKEN: is required on ${config.HOST}, or TLS_CLIENT_CA_FILE, as anyone could beat; ALLOW_OPEN_HEARTBEATS=true lets them`,
    ]);
  }
  return ({ method, requestHeader }) => {
    if (
      token === undefined ||
      (method !== beatHeart && method !== beatHearts)
    ) {
      return;
    }
    if (!hasBearerToken(requestHeader.get("authorization"), token)) {
      throw new ConnectError(
        "a heartbeat needs the bearer token HEARTBEAT_TOKEN",
        Code.Unauthenticated,
      );
    }
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
