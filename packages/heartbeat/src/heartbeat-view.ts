import type { HeartbeatStateName } from "./heartbeat-state.js";
import type { ServiceState, StateFilter } from "./list-states.js";

/** What is new to a watcher. */
export interface HeartbeatChanges {
  /** Services that are new, beat, or changed their state; sorted by name. */
  readonly services: readonly ServiceState[];
  /** Names of services that were forgotten; sorted. */
  readonly forgotten: readonly string[];
}

/** What one watcher has been shown. */
export interface HeartbeatView {
  /** Takes the newest states, sorted by name, and tells what of them is new. */
  update(states: readonly ServiceState[]): HeartbeatChanges;
}

/**
 * Creates the view of one watcher through its filter. It holds what was shown
 * last and nothing that is still to be shown, so a watcher that is slow misses
 * what came in between and costs no memory.
 *
 * A service that leaves the filter by its state is shown once more, with its
 * new state.
 */
export function createHeartbeatView(filter: StateFilter): HeartbeatView {
  const { serviceNames = [], states: wanted = [] } = filter;
  const names = new Set(serviceNames);
  const shown = new Map<string, ServiceState>();

  function show(service: ServiceState): boolean {
    const { serviceName } = service;
    if (names.size > 0 && !names.has(serviceName)) {
      return false;
    }
    if (!isWanted(service.state, wanted)) {
      return shown.delete(serviceName);
    }
    const before = shown.get(serviceName);
    shown.set(serviceName, service);
    return before === undefined || isChanged(before, service);
  }

  return {
    update(states) {
      const present = new Set(states.map(({ serviceName }) => serviceName));
      const forgotten = [...shown.keys()].filter((name) => !present.has(name));
      for (const name of forgotten) {
        shown.delete(name);
      }
      return { services: states.filter(show), forgotten: forgotten.sort() };
    },
  };
}

function isWanted(
  state: HeartbeatStateName,
  wanted: readonly HeartbeatStateName[],
): boolean {
  return wanted.length === 0 || wanted.includes(state);
}

function isChanged(before: ServiceState, after: ServiceState): boolean {
  return (
    before.state !== after.state ||
    before.beats !== after.beats ||
    // One that was forgotten and is back may have as many beats as before.
    before.firstSeen.getTime() !== after.firstSeen.getTime()
  );
}
