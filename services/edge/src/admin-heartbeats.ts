import {
  type HeartbeatStore,
  toHeartbeatConnectError,
} from "@both-ends/heartbeat";

/** What the admin API does with heartbeats. */
export type AdminHeartbeats = Pick<HeartbeatStore, "forget" | "listBeatTimes">;

/**
 * The store for the admin API, which knows nothing of its errors: they have the
 * code that callers see, as those of HeartbeatService have.
 */
export function createAdminHeartbeats(store: AdminHeartbeats): AdminHeartbeats {
  return {
    forget: (...args) => store.forget(...args).catch(rethrow),
    listBeatTimes: (...args) => store.listBeatTimes(...args).catch(rethrow),
  };
}

function rethrow(error: unknown): never {
  throw toHeartbeatConnectError(error);
}
