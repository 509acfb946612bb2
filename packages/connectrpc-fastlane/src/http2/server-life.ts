import type { Socket } from "node:net";
import type { ServerLimit, ServerLimits } from "./server-limits.js";

/** What a connection does when it is told to by the time. */
export interface LifeSteps {
  /** Whether streams are open. */
  isBusy(): boolean;
  /** Tells the client to make no more requests, and asks for an answer to that. */
  announce(): void;
  /** Says which requests have arrived: there will be no more. */
  finish(): void;
  /** Writes what there is. */
  flush(): void;
  onLimit(limit: ServerLimit): void;
}

/** How long a client that sends nothing has to answer PING and FIN, in milliseconds. */
const answerMs = 2_000;

/** How long a connection is listened to that has not begun when the server closes. */
const lastRequestMs = 500;

/**
 * The life of a server's connection: what it waits for, how long, and how it
 * ends. That is without refusing a request: a first GOAWAY tells the client to
 * make no more, and the last follows when those have arrived that it made
 * before it knew, a PING later (RFC 9113, 6.8).
 */
export class ServerLife {
  readonly #socket: Socket;
  readonly #limits: ServerLimits;
  readonly #steps: LifeSteps;
  #phase: "new" | "new and ending" | "open" | "announced" | "ended" = "new";
  #endTimer: NodeJS.Timeout | undefined;
  /** Cuts what goes on for too long after this side has ended. */
  #cutTimer: NodeJS.Timeout | undefined;
  readonly #prefaceTimer: NodeJS.Timeout | undefined;
  readonly #idleTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, limits: ServerLimits, steps: LifeSteps) {
    this.#socket = socket;
    this.#limits = limits;
    this.#steps = steps;
    this.#prefaceTimer = startTimer(limits.prefaceTimeoutMs, () => {
      steps.onLimit("prefaceTimeoutMs");
      socket.destroy();
    });
    this.#idleTimer = startTimer(limits.sessionIdleTimeoutMs, () => {
      if (this.#phase === "open" && !steps.isBusy()) {
        steps.onLimit("sessionIdleTimeoutMs");
        this.end();
      }
    });
    // Who has sent FIN does not read answers: Node's own closes here, too.
    socket.on("end", () => socket.end());
    socket.on("finish", () => this.#destroyAfter(answerMs));
    socket.on("close", () => {
      clearTimeout(this.#endTimer);
      clearTimeout(this.#cutTimer);
      clearTimeout(this.#prefaceTimer);
      clearTimeout(this.#idleTimer);
    });
  }

  /** Whether it takes no more requests. */
  get hasEnded(): boolean {
    return this.#phase === "ended";
  }

  /** The client has sent its SETTINGS. */
  begin(): void {
    const ends = this.#phase === "new and ending";
    if (ends || this.#phase === "new") {
      this.#phase = "open";
      this.heard();
    }
    if (ends) {
      this.end();
    }
  }

  /**
   * The client has read the server's SETTINGS. Behind some broken frames it
   * never does: it has gone.
   */
  acknowledged(): void {
    clearTimeout(this.#prefaceTimer);
  }

  /** The client shows that it is there: it has as long again without streams. */
  heard(): void {
    if (!this.#socket.destroyed) {
      this.#idleTimer?.refresh();
    }
  }

  /** The last stream is over. */
  quiet(): void {
    if (this.#phase === "ended") {
      this.endSocket();
    } else {
      this.heard();
    }
  }

  /** Ends in order. */
  end(): void {
    if (this.#phase === "new") {
      this.#phase = "new and ending";
      this.#destroyAfter(lastRequestMs);
    } else if (this.#phase === "open") {
      this.#phase = "announced";
      this.#steps.announce();
      clearTimeout(this.#endTimer);
      this.#endTimer = setTimeout(
        () => this.answered(),
        Math.min(answerMs, this.#limits.shutdownGraceMs),
      );
    }
  }

  /** The client has answered what was announced, or has had its time to. */
  answered(): void {
    if (this.#phase !== "announced" || this.#socket.destroyed) {
      return;
    }
    this.#phase = "ended";
    clearTimeout(this.#endTimer);
    this.#steps.finish();
    if (!this.#steps.isBusy()) {
      this.endSocket();
    }
  }

  /**
   * Ends this side; the client has a while for its own. One that still reads
   * what was sent says so by WINDOW_UPDATE, and has until `mostMs` have passed.
   */
  endSocket(mostMs = this.#limits.shutdownGraceMs): void {
    if (this.#cutTimer === undefined) {
      this.#cutTimer = setTimeout(() => this.#socket.destroy(), mostMs);
      this.#socket.on("data", () => this.#destroyAfter(answerMs));
    }
    this.#steps.flush();
    this.#socket.end();
    this.#destroyAfter(answerMs);
  }

  #destroyAfter(ms: number): void {
    clearTimeout(this.#endTimer);
    this.#endTimer = setTimeout(
      () => this.#socket.destroy(),
      Math.min(ms, this.#limits.shutdownGraceMs),
    );
  }
}

/** None for 0. */
function startTimer(ms: number, run: () => void): NodeJS.Timeout | undefined {
  return ms > 0 ? setTimeout(run, ms) : undefined;
}
