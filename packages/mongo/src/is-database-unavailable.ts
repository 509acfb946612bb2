/** The driver's errors for a database that is away, hung, or being left. */
const unavailableNames = new Set([
  "MongoNetworkError",
  "MongoNetworkTimeoutError",
  "MongoServerSelectionError",
  "MongoOperationTimeoutError",
  "MongoPoolClearedError",
  "PoolClearedOnNetworkError",
  "MongoPoolClosedError",
  "MongoWaitQueueTimeoutError",
  "MongoTopologyClosedError",
  "MongoServerClosedError",
  "MongoNotConnectedError",
  "MongoClientClosedError",
]);

/**
 * Codes of servers that cannot serve now: stopping, stepping down, cut off from
 * others, out of time, or refusing the login. See
 * https://www.mongodb.com/docs/manual/reference/error-codes/
 */
const unavailableCodes = new Set([
  6, 7, 18, 50, 64, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435,
  13436,
]);

/** What name resolution reports for hosts in a `mongodb+srv` URI. */
const lookupFailures = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ETIMEOUT",
  "ESERVFAIL",
  "ENODATA",
]);

/** An error caused by an error caused by … is followed no deeper. */
const maxDepth = 5;

/**
 * Tells a database that is away or hung from an error of the program: a server
 * that cannot be selected or reached, a connection that is lost or silent for
 * too long, a server that is stopping. Services answer `unavailable` then.
 *
 * It goes by names and codes, so errors of any copy of the driver are known,
 * also as the cause of another error.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < maxDepth; depth += 1) {
    if (!(current instanceof Error)) {
      return false;
    }
    if (isUnavailableItself(current)) {
      return true;
    }
    current = current.cause;
  }
  return false;
}

function isUnavailableItself(error: Error): boolean {
  if (unavailableNames.has(error.name)) {
    return true;
  }
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "number") {
    return error.name.startsWith("Mongo") && unavailableCodes.has(code);
  }
  return (
    typeof code === "string" &&
    lookupFailures.has(code) &&
    "syscall" in error &&
    typeof error.syscall === "string" &&
    error.syscall.startsWith("query")
  );
}
