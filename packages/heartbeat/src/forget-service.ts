import type { HeartbeatCollections } from "./heartbeat-documents.js";

/** What came of forgetting a service. */
export type ForgetResult = "forgotten" | "unknown" | "beating";

/** A service has to be silent for so long before it can be forgotten: 1 h, in milliseconds. */
export const forgetAfterMs = 3_600_000;

/**
 * Removes the state of a service that has been silent for an hour; its history
 * stays until it is pruned. One that beats again later is new.
 */
export async function forgetService(
  { states }: HeartbeatCollections,
  serviceName: string,
  now: () => Date,
): Promise<ForgetResult> {
  const silentSince = new Date(now().getTime() - forgetAfterMs);
  // One command, so that a beat in between is not lost.
  const { deletedCount } = await states.deleteOne({
    _id: serviceName,
    last_seen: { $lte: silentSince },
  });
  if (deletedCount > 0) {
    return "forgotten";
  }
  return (await states.findOne({ _id: serviceName })) === null
    ? "unknown"
    : "beating";
}
