/**
 * The health of one service, spelled as in the schema and in
 * `grpc-health-check`. The schema's fourth value, `SERVICE_UNKNOWN`, is only
 * ever an answer of Watch and cannot be set.
 */
export type ServingStatus = "SERVING" | "NOT_SERVING" | "UNKNOWN";

const servingStatuses: readonly string[] = [
  "SERVING",
  "NOT_SERVING",
  "UNKNOWN",
] satisfies ServingStatus[];

/** Options of {@link createHealthBoard}. */
export interface HealthBoardOptions {
  /**
   * Statuses to start with, by full service name. By default, only `""`, the
   * server as a whole, is known, and it is `SERVING`; it stays so unless it is
   * named here.
   */
  statuses?: Readonly<Record<string, ServingStatus>>;
}

/** What happened to a board. */
export type HealthChange =
  | {
      readonly kind: "status";
      readonly service: string;
      readonly status: ServingStatus;
    }
  | { readonly kind: "shutdown" }
  | { readonly kind: "resume" };

/** Is called with every change of a board, after the board has taken it. */
export type HealthListener = (change: HealthChange) => void;

/**
 * The health of a server and of its services, as the program sees it. It keeps
 * one status per service and no history.
 */
export interface HealthBoard {
  /**
   * Whether {@link HealthBoard.shutdown} was called, and
   * {@link HealthBoard.resume} was not called since.
   */
  readonly isShutdown: boolean;

  /**
   * Sets the status of a service, `""` for the server as a whole. Services
   * become known by being set. Ignored on a board that is shut down. Throws a
   * `TypeError` for a status that is none.
   */
  set(service: string, status: ServingStatus): void;

  /** The status of a service, or `undefined` if the service is unknown. */
  get(service: string): ServingStatus | undefined;

  /** The names of all known services, `""` first. */
  services(): string[];

  /**
   * Adds a listener, and returns a function that removes it. Setting a status
   * that a service already has is no change. If a listener throws, the others
   * are told all the same, and the caller who made the change gets the error.
   */
  subscribe(listener: HealthListener): () => void;

  /**
   * Sets every known service to `NOT_SERVING` and ignores all that is set
   * later, so that a server can drain: watchers are told, and their streams
   * end. Does nothing on a board that is shut down.
   */
  shutdown(): void;

  /**
   * Ends a shutdown: sets every known service to `SERVING`, and accepts what is
   * set later. The statuses from before the shutdown do not come back. A board that
   * is not shut down is set to `SERVING` all the same, as in grpc-go.
   */
  resume(): void;
}

/**
 * Creates a board with the behaviour of grpc-go's health server: `""` is known
 * from the start and `SERVING` by default, and `shutdown` and `resume` change
 * every service.
 *
 * @see https://pkg.go.dev/google.golang.org/grpc/health#Server
 */
export function createHealthBoard(
  options: HealthBoardOptions = {},
): HealthBoard {
  const statuses = new Map<string, ServingStatus>([["", "SERVING"]]);
  const listeners = new Set<HealthListener>();
  let isShutdown = false;

  function change(service: string, status: ServingStatus): HealthChange[] {
    if (statuses.get(service) === status) {
      return [];
    }
    statuses.set(service, status);
    return [{ kind: "status", service, status }];
  }

  function changeAll(status: ServingStatus): HealthChange[] {
    return [...statuses.keys()].flatMap((service) => change(service, status));
  }

  for (const [service, status] of Object.entries(options.statuses ?? {})) {
    assertServingStatus(service, status);
    change(service, status);
  }

  return {
    get isShutdown() {
      return isShutdown;
    },
    set(service, status) {
      assertServingStatus(service, status);
      if (!isShutdown) {
        tell(listeners, change(service, status));
      }
    },
    get: (service) => statuses.get(service),
    services: () => [...statuses.keys()],
    subscribe(listener) {
      // A function of its own, so that each subscription of one listener ends alone.
      const entry: HealthListener = (change) => listener(change);
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    shutdown() {
      if (!isShutdown) {
        isShutdown = true;
        tell(listeners, [...changeAll("NOT_SERVING"), { kind: "shutdown" }]);
      }
    },
    resume() {
      const ended: HealthChange[] = isShutdown ? [{ kind: "resume" }] : [];
      isShutdown = false;
      tell(listeners, [...changeAll("SERVING"), ...ended]);
    },
  };
}

function tell(
  listeners: ReadonlySet<HealthListener>,
  changes: readonly HealthChange[],
): void {
  // Who subscribes while being told hears of later changes only.
  const told = [...listeners];
  const errors: unknown[] = [];
  for (const change of changes) {
    for (const listener of told) {
      try {
        if (listeners.has(listener)) {
          listener(change);
        }
      } catch (error) {
        errors.push(error);
      }
    }
  }
  if (errors.length > 0) {
    throw errors[0];
  }
}

function assertServingStatus(service: string, status: string): void {
  if (!servingStatuses.includes(status)) {
    throw new TypeError(
      `unknown serving status ${JSON.stringify(status)} for service ${JSON.stringify(service)}`,
    );
  }
}
