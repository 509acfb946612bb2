import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createPrettyFormatter, formatJson } from "./logs.js";

const record = (fields: object) =>
  JSON.stringify({
    level: "info",
    time: "2026-01-02T03:04:05.678Z",
    ...fields,
  });

suite("formatJson()", () => {
  test("adds the process to a record and keeps the rest", () => {
    const line = {
      process: "edge-worker",
      source: "stdout",
      text: record({ msg: "beat", job: { name: "send-heartbeat" } }),
    } as const;
    assert.deepEqual(JSON.parse(formatJson(line)), {
      level: "info",
      time: "2026-01-02T03:04:05.678Z",
      msg: "beat",
      job: { name: "send-heartbeat" },
      process: "edge-worker",
    });
  });

  test("wraps what is no record", () => {
    for (const text of ["(node:1) Warning", "{not json", "[1]", "42"]) {
      const line = { process: "edge", source: "stderr", text } as const;
      const { time, ...rest } = JSON.parse(formatJson(line));
      assert.deepEqual(rest, { level: "warn", msg: text, process: "edge" });
      assert.ok(Math.abs(Date.now() - Date.parse(time)) < 10_000);
    }
  });
});

suite("createPrettyFormatter()", () => {
  const format = createPrettyFormatter(["edge", "time-worker"]);

  test("shows a record on one line, behind the aligned process", () => {
    const text = record({
      msg: "call failed",
      code: "not_found",
      service: "edge",
      role: "server",
    });
    const shown = format({ process: "edge", source: "stdout", text });
    assert.match(
      shown,
      /^edge {8}\| \[\d\d:\d\d:05\.678\] INFO: call failed \{"code":"not_found"\}\n$/,
    );
  });

  test("puts the process before every line of a stack", () => {
    const err = {
      type: "Error",
      message: "gone",
      stack: "Error: gone\n  at x",
    };
    const text = record({ level: "error", msg: "gone", err });
    const shown = format({ process: "time-worker", source: "stdout", text });
    const lines = shown.trimEnd().split("\n");
    assert.ok(lines.length > 2);
    for (const line of lines) {
      assert.ok(line.startsWith("time-worker | "), line);
    }
  });

  test("shows what is no record as it is, without control sequences", () => {
    const text = "\u001b[31mWarning\u001b[0m: slow";
    const shown = format({ process: "edge", source: "stderr", text });
    assert.equal(shown, "edge        | Warning: slow\n");
  });

  test("lets no message steer the terminal", () => {
    const text = record({ msg: "hello \u001b[2J" });
    const shown = format({ process: "edge", source: "stdout", text });
    assert.ok(!shown.includes("\u001b"));
  });

  test("colours the process and the level when told", () => {
    const colored = createPrettyFormatter(["edge"], { color: true });
    const text = record({ msg: "hello" });
    const shown = colored({ process: "edge", source: "stdout", text });
    assert.ok(shown.startsWith("\u001b[36medge |\u001b[39m "));
    assert.ok(shown.includes("\u001b[32mINFO"));
  });
});
