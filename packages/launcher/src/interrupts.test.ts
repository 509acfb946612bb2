import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { suite, test } from "node:test";
import { watchInterrupts } from "./interrupts.js";

suite("watchInterrupts()", () => {
  test("takes a signal that comes twice at once for one Ctrl-C", async (t) => {
    let time = 0;
    const output = new EventEmitter();
    const interrupts = watchInterrupts(output, { now: () => time });
    t.after(() => interrupts.close());
    let pressedAgain = false;
    const second = interrupts.second.then(() => {
      pressedAgain = true;
    });

    process.emit("SIGINT", "SIGINT");
    assert.equal(await interrupts.first, "SIGINT");
    time = 100;
    process.emit("SIGINT", "SIGINT");
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(pressedAgain, false);

    time = 600;
    process.emit("SIGINT", "SIGINT");
    await second;
  });

  test("hears that nobody reads the output", async (t) => {
    const output = new EventEmitter();
    const interrupts = watchInterrupts(output);
    t.after(() => interrupts.close());
    output.emit("error", new Error("write EPIPE"));
    assert.equal(await interrupts.first, "nobody reads the output any more");
  });
});
