/**
 * A HeartbeatStoreUnavailableError is raised if the database is away, or did
 * not answer in time. A write may have been stored nevertheless.
 */
export class HeartbeatStoreUnavailableError extends Error {
  override name = "HeartbeatStoreUnavailableError";
}

/**
 * A TooManyServicesError is raised if a service beats for the first time and
 * there are as many services as the store may hold.
 */
export class TooManyServicesError extends Error {
  override name = "TooManyServicesError";
}

/** An InvalidPageTokenError is raised if a page token was not made by the store. */
export class InvalidPageTokenError extends Error {
  override name = "InvalidPageTokenError";
}
