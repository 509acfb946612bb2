/** When a connection is pinged, and for how long it may idle. */
export interface KeepAliveSettings {
  /** Without a byte from the server. A server that is pinged too often doubles it. */
  pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  /** Whether a connection without streams is pinged, too. */
  readonly pingIdleConnection: boolean;
  readonly idleConnectionTimeoutMs: number;
}

/** What is kept alive. */
export interface KeptConnection {
  sendPing(): void;
  /** A ping that {@link KeepAlive.verify} has asked for was answered. */
  onVerified(): void;
  onPingTimeout(): void;
  /** There was no stream for as long as there may be none. */
  onIdle(): void;
}

/** The longest time that a timer of Node takes, in milliseconds. */
const longestTimerMs = 0x7fffffff;

/** After this time, at the least, it is looked again whether a connection still has streams. */
const busyLookMs = 50;

/**
 * Pings a connection, and ends it when it idles, by the rules of connect-node's
 * session manager. Timers are not moved with each call: one that fires too
 * early is started again for the rest of its time.
 */
export class KeepAlive {
  readonly #settings: KeepAliveSettings;
  readonly #connection: KeptConnection;
  readonly #pings: boolean;
  #busy = false;
  /** When the first stream opened, or the last one ended. */
  #changedAt = performance.now();
  #aliveAt = this.#changedAt;
  #pingedAt = 0;
  #verifying = false;
  #pingTimer: NodeJS.Timeout | undefined;
  #timeoutTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(settings: KeepAliveSettings, connection: KeptConnection) {
    this.#settings = settings;
    this.#connection = connection;
    this.#pings = settings.pingIntervalMs <= longestTimerMs;
  }

  /** Whether nothing has been heard for so long that a ping should be answered first. */
  get isStale(): boolean {
    return (
      this.#pings &&
      performance.now() - this.#aliveAt > this.#settings.pingIntervalMs
    );
  }

  /** The connection is there. */
  start(): void {
    this.#changedAt = performance.now();
    this.#aliveAt = this.#changedAt;
    this.#awaitIdle(this.#settings.idleConnectionTimeoutMs);
    this.#awaitPing();
  }

  stop(): void {
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#timeoutTimer);
    clearTimeout(this.#idleTimer);
  }

  /** There are streams again. */
  busy(): void {
    this.#busy = true;
    if (this.#pings) {
      this.#changedAt = performance.now();
      this.#awaitPing();
    }
  }

  /** There are no streams any more. */
  quiet(): void {
    this.#busy = false;
    this.#changedAt = performance.now();
  }

  /** Something has come from the server. */
  alive(): void {
    if (this.#pings) {
      this.#aliveAt = performance.now();
    }
  }

  /** Finds out whether the server answers. */
  verify(): void {
    if (!this.#verifying) {
      this.#verifying = true;
      this.#ping();
    }
  }

  /** A ping was answered. */
  answered(): void {
    clearTimeout(this.#timeoutTimer);
    this.#timeoutTimer = undefined;
    this.alive();
    if (this.#verifying) {
      this.#verifying = false;
      this.#connection.onVerified();
    }
    this.#awaitPing();
  }

  #awaitPing(): void {
    if (
      this.#pings &&
      this.#pingTimer === undefined &&
      this.#timeoutTimer === undefined &&
      (this.#busy || this.#settings.pingIdleConnection)
    ) {
      const since = Math.max(this.#aliveAt, this.#changedAt);
      const leftMs = since + this.#settings.pingIntervalMs - performance.now();
      this.#pingTimer = startTimer(Math.max(leftMs, 0), () => {
        this.#pingTimer = undefined;
        this.#pingIfDue();
      });
    }
  }

  #pingIfDue(): void {
    const since = Math.max(this.#aliveAt, this.#changedAt);
    // A timer may be early by a part of a millisecond.
    const isDue =
      performance.now() + 1 >= since + this.#settings.pingIntervalMs;
    if (isDue && (this.#busy || this.#settings.pingIdleConnection)) {
      this.#ping();
    } else {
      this.#awaitPing();
    }
  }

  #ping(): void {
    if (this.#timeoutTimer !== undefined) {
      return;
    }
    this.#pingedAt = performance.now();
    this.#timeoutTimer = startTimer(this.#settings.pingTimeoutMs, () => {
      this.#timeoutTimer = undefined;
      if (this.#aliveAt > this.#pingedAt && !this.#verifying) {
        // Its answer may be behind a large response.
        this.#awaitPing();
      } else {
        this.#connection.onPingTimeout();
      }
    });
    this.#connection.sendPing();
  }

  #awaitIdle(ms: number): void {
    this.#idleTimer = startTimer(ms, () => {
      const { idleConnectionTimeoutMs } = this.#settings;
      if (this.#busy) {
        this.#awaitIdle(Math.max(idleConnectionTimeoutMs, busyLookMs));
        return;
      }
      const leftMs =
        this.#changedAt + idleConnectionTimeoutMs - performance.now();
      if (leftMs < 1) {
        this.#connection.onIdle();
      } else {
        this.#awaitIdle(leftMs);
      }
    });
  }
}

/** None for what is longer than a timer can be. It does not keep the process alive. */
function startTimer(ms: number, run: () => void): NodeJS.Timeout | undefined {
  return ms > longestTimerMs ? undefined : setTimeout(run, ms).unref();
}
