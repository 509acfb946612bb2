import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { RevertNameService } from "@both-ends/gen/revertname/v1/revert_name_service_pb.js";
import { TimeService } from "@both-ends/gen/time/v1/time_service_pb.js";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { createClient, type Transport } from "@connectrpc/connect";
import type { Call, RpcCallOptions } from "./call.js";
import { checkReversed } from "./check-reversed.js";

/**
 * Creates the call of `RevertNames`: each name is sent when the one before is
 * answered, so that both ends count the same messages whatever the fault.
 */
export function createRevertNamesCall(
  transport: Transport,
  { timeoutMs }: RpcCallOptions,
): Call {
  const client = createClient(RevertNameService, transport);
  return async ({ names }, exchange) => {
    let over = false;
    let goOn = () => {};
    async function* questions() {
      for (const name of names) {
        exchange.sent++;
        yield { name };
        if (!over && exchange.received < exchange.sent) {
          await new Promise<void>((resolve) => {
            goOn = resolve;
          });
        }
        if (over) {
          return;
        }
      }
    }
    let wrong: string | undefined;
    try {
      const answers = client.revertNames(questions(), { timeoutMs });
      for await (const { reversedName } of answers) {
        wrong ??= checkReversed(names[exchange.received] ?? "", reversedName);
        exchange.received++;
        goOn();
      }
    } finally {
      over = true;
      goOn();
    }
    return exchange.received === names.length
      ? wrong
      : `answered ${exchange.received} of ${names.length} names`;
  };
}

/**
 * Creates the call of `WatchTime`: it leaves with the last tick that it wants,
 * which ends the call with `Canceled` on both ends.
 */
export function createWatchTimeCall(
  transport: Transport,
  { timeoutMs, ticks, tickIntervalMs }: RpcCallOptions,
): Call {
  const client = createClient(TimeService, transport);
  const interval = durationFromMs(tickIntervalMs);
  return async (_planned, exchange) => {
    const leaving = new AbortController();
    const { signal } = leaving;
    exchange.sent++;
    for await (const _tick of client.watchTime(
      { interval },
      { signal, timeoutMs },
    )) {
      exchange.received++;
      if (exchange.received === ticks) {
        leaving.abort();
      }
    }
    return `ended after ${exchange.received} of ${ticks} ticks`;
  };
}

/**
 * Creates the call of `BeatHearts`. By default the beats have no name, so that
 * edge rejects each of them and stores none: a load must not leave a service
 * behind that is soon reported dead.
 */
export function createBeatHeartsCall(
  transport: Transport,
  { timeoutMs, messages, heartbeatToken, beatAs = "" }: RpcCallOptions,
): Call {
  const client = createClient(HeartbeatService, transport);
  const headers =
    heartbeatToken === undefined
      ? undefined
      : { authorization: `Bearer ${heartbeatToken}` };
  return async (_planned, exchange) => {
    async function* beats() {
      for (let i = 0; i < messages; i++) {
        exchange.sent++;
        yield { beat: { serviceName: beatAs, instanceId: "torture" } };
      }
    }
    const answer = await client.beatHearts(beats(), { timeoutMs, headers });
    exchange.received++;
    const counted = beatAs === "" ? answer.rejectedCount : answer.accepted;
    return counted === BigInt(messages)
      ? undefined
      : `counted ${counted} of ${messages} beats`;
  };
}
