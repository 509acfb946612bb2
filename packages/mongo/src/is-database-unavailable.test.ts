import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  MongoInvalidArgumentError,
  MongoNetworkTimeoutError,
  MongoServerError,
} from "mongodb";
import { isDatabaseUnavailable } from "./is-database-unavailable.js";

suite("isDatabaseUnavailable()", () => {
  test("answers true for a connection that is silent for too long", () => {
    assert.ok(isDatabaseUnavailable(new MongoNetworkTimeoutError("timed out")));
  });

  test("answers true for a server that stops, or refuses the login", () => {
    for (const code of [91, 11600, 10107, 18]) {
      assert.ok(isDatabaseUnavailable(new MongoServerError({ code })));
    }
  });

  test("answers true for a cause within another error", () => {
    const cause = new MongoNetworkTimeoutError("timed out");
    const error = new Error("cannot save", {
      cause: new Error("no", { cause }),
    });
    assert.ok(isDatabaseUnavailable(error));
  });

  test("answers true for a host name that cannot be resolved", () => {
    const error = Object.assign(new Error("querySrv ENOTFOUND"), {
      code: "ENOTFOUND",
      syscall: "querySrv",
    });
    assert.ok(isDatabaseUnavailable(error));
  });

  test("answers false for what the program did wrong", () => {
    for (const error of [
      new MongoServerError({ code: 11000 }),
      new MongoInvalidArgumentError("no such option"),
      new TypeError("x is not a function"),
      Object.assign(new Error("no such file"), { code: "ENOENT" }),
      Object.assign(new Error("not Mongo's 91"), { code: 91 }),
      "MongoNetworkError",
      undefined,
    ]) {
      assert.equal(isDatabaseUnavailable(error), false);
    }
  });

  test("follows a circle of causes to an end", () => {
    const error = new Error("a");
    error.cause = error;
    assert.equal(isDatabaseUnavailable(error), false);
  });
});
