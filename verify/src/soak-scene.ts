import type { Road } from "./call-plan.js";
import type { CallScene } from "./soak-calls.js";
import {
  type Addresses,
  type Connection,
  type ConnectionOptions,
  createConnection,
} from "./soak-connection.js";
import type { SoakHandlers } from "./soak-handlers.js";

/** The connections of a soak. */
export interface SoakScene extends CallScene {
  /** Cuts the connections whose calls were dropped. */
  cutShortLived(): void;
  /** Cuts all connections that are kept. */
  cut(): void;
}

/** Creates the scene; connections are opened when they are needed. */
export function createSoakScene(
  handlers: SoakHandlers,
  addresses: Addresses,
  options: ConnectionOptions,
): SoakScene {
  const shared = new Map<Road, Connection>();
  const shortLived = new Map<Road, Connection>();
  const own = (road: Road) => createConnection(road, addresses, options);
  const keep = (road: Road, kept: Map<Road, Connection>) => {
    const connection = kept.get(road) ?? own(road);
    kept.set(road, connection);
    return connection;
  };
  const cutAll = (kept: Map<Road, Connection>) => {
    for (const connection of kept.values()) {
      connection.cut();
    }
    kept.clear();
  };
  return {
    handlers,
    own,
    shared: (road) => keep(road, shared),
    shortLived: (road) => keep(road, shortLived),
    cutShortLived: () => cutAll(shortLived),
    cut() {
      cutAll(shortLived);
      cutAll(shared);
    },
  };
}
