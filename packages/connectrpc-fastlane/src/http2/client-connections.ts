import { Code, ConnectError } from "@connectrpc/connect";
import { ClientConnection, type ConnectionOwner } from "./client-connection.js";
import type { ClientRequest } from "./client-request.js";
import { errorCode } from "./frame-format.js";
import type { KeepAliveSettings } from "./keep-alive.js";
import { authorityOf, type NodeOptions, openSocket } from "./open-socket.js";

/**
 * The connections to one server. Usually, that is one; a new one is made for
 * the next request when there is none, or when the last one takes no more.
 */
export class ClientConnections implements ConnectionOwner {
  readonly #url: URL;
  readonly #options: NodeOptions;
  readonly #settings: KeepAliveSettings;
  /** The one that takes requests. */
  #current: ClientConnection | undefined;
  readonly #open = new Set<ClientConnection>();

  /** By default, there are no pings, and a connection may idle for 15 minutes. */
  constructor(
    baseUrl: string,
    settings: Partial<KeepAliveSettings> = {},
    options: NodeOptions = {},
  ) {
    this.#url = new URL(baseUrl);
    this.#options = options;
    this.#settings = {
      pingIntervalMs: settings.pingIntervalMs ?? Number.POSITIVE_INFINITY,
      pingTimeoutMs: settings.pingTimeoutMs ?? 15_000,
      pingIdleConnection: settings.pingIdleConnection ?? false,
      idleConnectionTimeoutMs: settings.idleConnectionTimeoutMs ?? 900_000,
    };
  }

  /** Where requests may go: scheme, host and port. */
  get origin(): string {
    return this.#url.origin;
  }

  /** The `:scheme` of requests. */
  get scheme(): string {
    return this.#url.protocol.slice(0, -1);
  }

  /** The `:authority` of requests. */
  get authority(): string {
    return authorityOf(this.#url, this.#options);
  }

  /** How many there are, those included that only finish what they have. */
  get size(): number {
    return this.#open.size;
  }

  /** Sends a request, now or as soon as there is a stream for it. */
  request(request: ClientRequest): void {
    let connection = this.#current;
    if (connection === undefined) {
      try {
        connection = this.#connect();
      } catch (error) {
        request.onClose(errorCode.cancel, error);
        return;
      }
    }
    connection.request(request);
  }

  /** Forgets a request that waits for a stream. */
  withdraw(request: ClientRequest): void {
    for (const connection of this.#open) {
      if (connection.withdraw(request)) {
        return;
      }
    }
  }

  /** Ends all requests, and their connections. The next request makes a new one. */
  close(): void {
    const reason = new ConnectError("connection aborted", Code.Canceled);
    for (const connection of [...this.#open]) {
      connection.abort(reason);
    }
  }

  onRetired(
    connection: ClientConnection,
    left: readonly ClientRequest[],
  ): void {
    if (this.#current === connection) {
      this.#current = undefined;
    }
    for (const request of left) {
      this.request(request);
    }
  }

  onClosed(connection: ClientConnection): void {
    this.#open.delete(connection);
  }

  #connect(): ClientConnection {
    const connection = new ClientConnection(
      openSocket(this.#url, this.#options),
      this.#options,
      this.#settings,
      this,
    );
    this.#current = connection;
    this.#open.add(connection);
    return connection;
  }
}
