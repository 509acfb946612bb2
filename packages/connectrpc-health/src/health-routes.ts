import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import {
  Health,
  HealthCheckResponse_ServingStatus,
} from "./gen/grpc/health/v1/health_pb.js";
import type { HealthBoard } from "./health-board.js";
import { watchStatus } from "./watch-status.js";

/** Options of {@link createHealthRoutes}. */
export interface HealthRoutesOptions {
  /**
   * The most services, `""` among them, that List answers; with more on the
   * board it fails with `resource_exhausted`. By default, 100, as in grpc-go.
   */
  maxListedServices?: number;
}

/**
 * Creates the routes of `grpc.health.v1.Health` for a board.
 *
 * - Check answers the status of a service, `not_found` if it is unknown.
 * - List answers the statuses of all services.
 * - Watch sends the current status at once and then every change. It sends
 *   `SERVICE_UNKNOWN` for a service that is unknown, and stays open. When the
 *   board is shut down, it sends `NOT_SERVING` and ends. A Watch that begins
 *   later fails with `unavailable`: grpc-go's client backs off after that,
 *   while after a message and an end it would come back at once.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export function createHealthRoutes(
  board: HealthBoard,
  options: HealthRoutesOptions = {},
): (router: ConnectRouter) => void {
  const { maxListedServices = 100 } = options;
  return (router) => {
    router.service(Health, {
      check: ({ service }) => check(board, service),
      list: () => list(board, maxListedServices),
      watch: ({ service }, { signal }) => watch(board, service, signal),
    });
  };
}

function check(board: HealthBoard, service: string) {
  const status = board.get(service);
  if (status === undefined) {
    throw new ConnectError(
      `unknown service ${JSON.stringify(service)}`,
      Code.NotFound,
    );
  }
  return { status: HealthCheckResponse_ServingStatus[status] };
}

function list(board: HealthBoard, maxListedServices: number) {
  const services = board.services();
  if (services.length > maxListedServices) {
    throw new ConnectError(
      `${services.length} services are more than the ${maxListedServices} that can be listed`,
      Code.ResourceExhausted,
    );
  }
  return {
    statuses: Object.fromEntries(
      services.map((service) => [service, check(board, service)]),
    ),
  };
}

async function* watch(
  board: HealthBoard,
  service: string,
  signal: AbortSignal,
) {
  if (board.isShutdown) {
    throw new ConnectError("server is shutting down", Code.Unavailable);
  }
  for await (const status of watchStatus(board, service, signal)) {
    yield { status: HealthCheckResponse_ServingStatus[status] };
  }
}
