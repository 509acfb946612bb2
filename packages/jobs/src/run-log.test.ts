import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createRunLog, failureText, shortenText } from "./run-log.js";

suite("createRunLog()", () => {
  test("keeps the newest 100 lines and counts the others", () => {
    const log = createRunLog();
    for (let line = 1; line <= 250; line += 1) {
      log.add(`line ${line}`);
    }
    const content = log.content();
    assert.equal(content.log.length, 100);
    assert.equal(content.log.at(0), "line 151");
    assert.equal(content.log.at(-1), "line 250");
    assert.equal(content.log_dropped, 150);
  });

  test("cuts long lines", () => {
    const log = createRunLog();
    log.add("x".repeat(10_000));
    assert.equal(log.content().log[0]?.length, 300);
  });

  test("knows whether there is something new", () => {
    const log = createRunLog();
    assert.equal(log.changed(), false);
    log.add("one");
    assert.equal(log.changed(), true);
    log.content();
    assert.equal(log.changed(), false);
  });
});

suite("shortenText()", () => {
  test("cuts at 500 characters", () => {
    assert.equal(shortenText("short"), "short");
    assert.equal(shortenText("y".repeat(501)).length, 500);
  });
});

suite("failureText()", () => {
  test("is the message, without a stack that somebody put there", () => {
    const inner = new Error("no luck");
    assert.equal(failureText(inner), "no luck");
    assert.equal(failureText(new Error(inner.stack)), "Error: no luck");
    assert.equal(failureText(new TypeError("")), "TypeError");
  });
});
