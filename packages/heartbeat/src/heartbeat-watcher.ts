import type { HeartbeatStore } from "./heartbeat-store.js";
import { HeartbeatStoreUnavailableError } from "./heartbeat-store-error.js";
import {
  createHeartbeatView,
  type HeartbeatChanges,
} from "./heartbeat-view.js";
import type { ServiceState, StateFilter } from "./list-states.js";
import { createSharedPoll, type SharedPoll } from "./shared-poll.js";

/** How to watch. */
export interface HeartbeatWatcherOptions {
  /** Pause between two reads of the states. By default, 1000. */
  readonly pollMs?: number;
}

/** How one watcher ends. */
export interface WatchOptions {
  /** Ends the watching when it aborts, with its reason. By default, there is none. */
  readonly signal?: AbortSignal | undefined;
}

/** Tells any number of watchers what changes. */
export interface HeartbeatWatcher {
  /**
   * Gives the current states at once, then every change: each beat and each
   * transition, no later than a second after it. Who reads slowly gets what
   * came in between as one change, the newest of each service.
   *
   * It never ends by itself. It throws a HeartbeatStoreUnavailableError when
   * the database is away or hangs, or the watcher closes.
   */
  watch(
    filter?: StateFilter,
    options?: WatchOptions,
  ): AsyncGenerator<HeartbeatChanges, never>;
  /** Ends all that watch, now and later, with a HeartbeatStoreUnavailableError. */
  close(): void;
}

/**
 * Creates the watcher of a process. All that watch share one poll of the
 * states, one read a second; it rests while nobody watches.
 */
export function createHeartbeatWatcher(
  store: Pick<HeartbeatStore, "listStates">,
  options: HeartbeatWatcherOptions = {},
): HeartbeatWatcher {
  const { pollMs = 1_000 } = options;
  const poll = createSharedPoll(() => store.listStates(), { pollMs });
  return {
    watch: (filter = {}, { signal } = {}) => watchStates(poll, filter, signal),
    close: () =>
      poll.close(
        new HeartbeatStoreUnavailableError("the heartbeat watcher is closed"),
      ),
  };
}

async function* watchStates(
  poll: SharedPoll<ServiceState[]>,
  filter: StateFilter,
  signal: AbortSignal | undefined,
): AsyncGenerator<HeartbeatChanges, never> {
  const view = createHeartbeatView(filter);
  const member = poll.join(signal);
  try {
    // The first is sent even if it is empty: it says that there is nothing.
    yield view.update(await member.next());
    for (;;) {
      const changes = view.update(await member.next());
      if (changes.services.length > 0 || changes.forgotten.length > 0) {
        yield changes;
      }
    }
  } finally {
    member.leave();
  }
}
