/** What a process answers to the question whether it may get traffic. */
export type ReadinessStatus =
  | { status: "starting" | "draining" | "ready" }
  | { status: "degraded"; reasons: readonly string[] };

/** Something that a process needs for a part of what it does. */
export interface Part {
  /** It is there. */
  up(): void;
  /** It is away, for this reason. */
  down(reason: string): void;
}

/**
 * Whether a process is ready. It is not while it starts and while it drains;
 * with a part down it is ready but degraded: what does not need that part
 * goes on.
 */
export interface Readiness {
  /**
   * Adds a part, which is down until it is told to be up.
   *
   * @param neededBy Names of gRPC services that cannot serve without it.
   */
  part(name: string, neededBy?: readonly string[]): Part;
  /** The process has started. */
  started(): void;
  /** The process is about to end. There is no way back. */
  draining(): void;
  status(): ReadinessStatus;
  /** Tells whether a gRPC service has all that it needs. */
  serves(service: string): boolean;
  /** Calls the listener after every change. */
  onChange(listener: () => void): void;
}

/** Creates the readiness of a process that is starting. */
export function createReadiness(): Readiness {
  let phase: "starting" | "started" | "draining" = "starting";
  const parts: { neededBy: readonly string[]; reason: string | undefined }[] =
    [];
  const listeners: (() => void)[] = [];
  const changed = () => {
    for (const listener of listeners) {
      listener();
    }
  };
  return {
    part(name, neededBy = []) {
      const part = {
        neededBy,
        reason: `${name}: not reached yet` as string | undefined,
      };
      parts.push(part);
      const set = (reason: string | undefined) => {
        if (part.reason !== reason) {
          part.reason = reason;
          changed();
        }
      };
      return {
        up: () => set(undefined),
        down: (reason) => set(`${name}: ${reason}`),
      };
    },
    started() {
      if (phase === "starting") {
        phase = "started";
        changed();
      }
    },
    draining() {
      phase = "draining";
      changed();
    },
    status() {
      if (phase !== "started") {
        return { status: phase };
      }
      const reasons = parts.flatMap(({ reason }) => reason ?? []);
      return reasons.length === 0
        ? { status: "ready" }
        : { status: "degraded", reasons };
    },
    serves: (service) =>
      phase === "started" &&
      parts.every(
        (part) => part.reason === undefined || !part.neededBy.includes(service),
      ),
    onChange(listener) {
      listeners.push(listener);
    },
  };
}
