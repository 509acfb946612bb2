import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { toHeartbeatConnectError } from "./heartbeat-connect-error.js";
import {
  HeartbeatStoreUnavailableError,
  InvalidPageTokenError,
  TooManyServicesError,
} from "./heartbeat-store-error.js";

suite("toHeartbeatConnectError()", () => {
  test("tells nothing of a database that is away, and keeps the origin", () => {
    const origin = new HeartbeatStoreUnavailableError("away", {
      cause: new Error("connect ECONNREFUSED 10.0.0.7:27017"),
    });
    const error = toHeartbeatConnectError(origin);
    assert(error instanceof ConnectError);
    assert.equal(error.code, Code.Unavailable);
    assert.equal(error.rawMessage, "the heartbeat store is unavailable");
    assert.equal(error.cause, origin);
  });

  test("tells what is wrong with a page token, and of one service too many", () => {
    const token = toHeartbeatConnectError(new InvalidPageTokenError("bad"));
    assert(token instanceof ConnectError);
    assert.equal(token.message, "[invalid_argument] bad");
    const services = toHeartbeatConnectError(new TooManyServicesError("many"));
    assert(services instanceof ConnectError);
    assert.equal(services.message, "[resource_exhausted] many");
  });

  test("gives other errors back as they are", () => {
    const reason = new ConnectError("late", Code.DeadlineExceeded);
    assert.equal(toHeartbeatConnectError(reason), reason);
    const bug = new TypeError("not a function");
    assert.equal(toHeartbeatConnectError(bug), bug);
  });
});
