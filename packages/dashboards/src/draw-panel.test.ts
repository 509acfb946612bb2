import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createServerBoard } from "./call-board.js";
import { drawPanel } from "./draw-panel.js";
import { readBoard } from "./read-board.js";

suite("drawPanel()", () => {
  const { panels } = readBoard(createServerBoard());
  const draw = (title: string, ...names: string[]) => {
    const panel = panels.find((one) => one.title === title);
    assert.ok(panel);
    const points = [[0, 1] as const, [1000, 2] as const];
    const series = names.map((name) => ({ name, points }));
    return JSON.stringify(drawPanel(panel, series));
  };

  test("stacks what the panel stacks, in the colours of the codes", () => {
    const view = draw("Status distribution by code", "OK", "Internal");
    assert.match(view, /"type":"area"/);
    assert.match(
      view,
      /"domain":\["OK","Internal"\],"range":\["#73bf69","#f2495c"\]/,
    );
  });

  test("draws lines with the unit of the panel", () => {
    const view = draw("Latency p95 by method", "M");
    assert.match(view, /"type":"line"/);
    assert.match(view, /"title":"seconds"/);
    assert.match(view, /\{"name":"M","time":1000,"value":2\}/);
  });
});
