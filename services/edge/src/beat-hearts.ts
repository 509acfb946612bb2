import {
  BeatHeartRequestSchema,
  type HeartbeatService,
} from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import {
  type HeartbeatStore,
  TooManyServicesError,
  toHeartbeatConnectError,
} from "@both-ends/heartbeat";
import { create } from "@bufbuild/protobuf";
import { durationMs, timestampNow } from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";
import type { MethodImpl } from "@connectrpc/connect";

/** How many rejected beats the summary lists; the others are only counted. */
const maxListed = 100;

/** How much of a name that was refused is repeated to its sender. */
const maxNameLength = 64;

/**
 * Makes the handler of BeatHearts. Each beat is checked and stored by itself,
 * in order; one that is refused does not end the stream.
 */
export function createBeatHearts(
  store: Pick<HeartbeatStore, "recordBeat">,
): MethodImpl<typeof HeartbeatService.method.beatHearts> {
  const validator = createValidator();
  return async (requests, { signal }) => {
    const rejected: { index: bigint; serviceName: string; reason: string }[] =
      [];
    let index = 0n;
    let accepted = 0n;
    for await (const { beat = create(BeatHeartRequestSchema) } of requests) {
      const { serviceName, instanceId, interval } = beat;
      const reject = (reason: string) => {
        if (rejected.length < maxListed) {
          const name = [...serviceName].slice(0, maxNameLength).join("");
          rejected.push({ index, serviceName: name, reason });
        }
      };
      const checked = validator.validate(BeatHeartRequestSchema, beat);
      if (checked.kind === "valid") {
        const intervalMs = interval && durationMs(interval);
        try {
          await store.recordBeat(
            { serviceName, instanceId, intervalMs },
            { signal },
          );
          accepted++;
        } catch (error) {
          if (!(error instanceof TooManyServicesError)) {
            throw toHeartbeatConnectError(error);
          }
          reject(error.message);
        }
      } else {
        reject(checked.error.message);
      }
      index++;
    }
    return {
      accepted,
      rejected,
      rejectedCount: index - accepted,
      serverTime: timestampNow(),
    };
  };
}
