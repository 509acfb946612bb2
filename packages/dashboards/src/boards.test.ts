import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createClientBoard, createServerBoard } from "./call-board.js";
import {
  boardFolder,
  createGeneratedFiles,
  ruleFolder,
} from "./generated-files.js";
import { type BoardPanel, readBoard } from "./read-board.js";
import { spellStatus, statuses } from "./status-codes.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const boards = createGeneratedFiles()
  .filter(({ path }) => path.endsWith(".json"))
  .map(({ text }) => readBoard(JSON.parse(text)));

const panels = boards.flatMap((board) =>
  board.panels.map((panel) => ({
    ...panel,
    at: `${board.title}: ${panel.title}`,
  })),
);

suite("createGeneratedFiles()", () => {
  test("makes what is in the repository, and nothing else is there", async () => {
    const files = createGeneratedFiles();
    for (const { path, text } of files) {
      assert.equal(
        await readFile(join(root, path), "utf8"),
        text,
        `${path} is not what npm run generate makes`,
      );
    }
    const found = [
      ...(await readdir(join(root, boardFolder)))
        .filter((name) => name.endsWith(".json"))
        .map((name) => `${boardFolder}/${name}`),
      ...(await readdir(join(root, ruleFolder))).map(
        (name) => `${ruleFolder}/${name}`,
      ),
    ];
    assert.deepEqual(found.sort(), files.map(({ path }) => path).sort());
  });

  test("gives every board a uid of its own, and a way to the others", () => {
    const uids = boards.map(({ uid }) => uid);
    assert.equal(new Set(uids).size, 5);
    for (const board of boards) {
      assert.match(board.uid, /^[\w-]{1,40}$/);
      assert.ok(board.description.length > 20, board.title);
      assert.deepEqual(
        board.links.map(({ tags }) => tags),
        [["both-ends"]],
      );
      assert.ok(board.tags.includes("both-ends"), board.title);
    }
  });

  test("gives every panel a unit, a description, a query and a datasource", () => {
    assert.ok(panels.length >= 60, String(panels.length));
    for (const panel of panels) {
      assert.ok(panel.unit, `${panel.at} has no unit`);
      assert.ok(
        panel.description.length > 20,
        `${panel.at} has no description`,
      );
      assert.ok(panel.queries.length > 0, `${panel.at} has no query`);
      for (const { expr, datasource } of panel.queries) {
        assert.equal(datasource, "$datasource", panel.at);
        assert.ok(expr.trim(), panel.at);
      }
      assert.equal(panel.datasource, "$datasource", panel.at);
    }
  });

  test("puts no panel over another", () => {
    for (const board of boards) {
      // Panels of a closed row lie under it, not beside what follows it.
      for (const group of [
        [...board.panels.filter(({ collapsed }) => !collapsed), ...board.rows],
        board.panels.filter(({ collapsed }) => collapsed),
      ]) {
        for (const [index, one] of group.entries()) {
          assert.ok(one.position.x + one.position.w <= 24, one.title);
          for (const other of group.slice(index + 1)) {
            assert.ok(
              !overlap(one.position, other.position),
              `${board.title}: ${one.title} lies over ${other.title}`,
            );
          }
        }
      }
      const ids = [...board.panels, ...board.rows].map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, board.title);
    }
  });

  test("uses only variables that the board has, and each of them", () => {
    for (const board of boards) {
      const names = board.variables.map(({ name }) => name);
      const text = JSON.stringify([board.queriesOf(), board.variables]);
      const used = new Set(
        [...text.matchAll(/\$(\w+)/g)]
          .map(([, name]) => name)
          .filter((name) => name !== undefined && !name.startsWith("__")),
      );
      assert.deepEqual([...used].sort(), [...names].sort(), board.title);
      for (const variable of board.variables) {
        if (variable.type === "query") {
          assert.ok(variable.multi && variable.includeAll, variable.name);
          assert.equal(variable.datasource, "$datasource");
        }
      }
    }
  });

  test("takes rates over the interval that fits the resolution", () => {
    for (const panel of panels) {
      for (const { expr, interval } of panel.queries) {
        for (const [, window] of expr.matchAll(
          /rate\(\w+\{[^}]*\}\[([^\]]+)\]/g,
        )) {
          assert.equal(window, "$__rate_interval", panel.at);
        }
        assert.equal(interval, "$interval", panel.at);
      }
    }
  });

  test("leaves out health, reflection and the console", () => {
    for (const panel of panels.filter(({ collapsed }) => !collapsed)) {
      for (const { expr } of panel.queries) {
        for (const [selector] of expr.matchAll(/\bgrpc_\w+\{[^}]*\}/g)) {
          assert.match(selector, /grpc_service!~"grpc\[\.\]health/, panel.at);
        }
      }
    }
  });

  test("looks at unary calls alone where it shows latency", () => {
    for (const panel of panels) {
      for (const { expr } of panel.queries) {
        for (const [selector] of expr.matchAll(
          /grpc_\w+_handling_seconds_\w+\{[^}]*\}/g,
        )) {
          assert.match(selector, /grpc_type="unary"/, panel.at);
        }
      }
    }
  });

  test("gives a code the same colour everywhere", () => {
    const colors = new Map<string, Set<string>>();
    for (const { overrides } of panels) {
      for (const { options, color } of overrides) {
        colors.set(options, (colors.get(options) ?? new Set()).add(color));
      }
    }
    assert.equal(colors.size, 17 + 2);
    for (const [name, found] of colors) {
      assert.equal(found.size, 1, name);
    }
    for (const panel of panels.filter(({ queries }) =>
      queries.some(({ legend }) => legend.includes("grpc_code")),
    )) {
      assert.equal(panel.overrides.length, 17, panel.at);
    }
  });
});

suite("createServerBoard()", () => {
  test("has every panel of a classic gRPC board", () => {
    for (const board of [createServerBoard(), createClientBoard()]) {
      const titles = readBoard(board).panels.map(({ title }) => title);
      for (const title of [
        "Up",
        "Success",
        "RPS",
        "Latency",
        "Status",
        "Status distribution by code",
        "RPS by service",
        "Request distribution by service",
        "Latency p95 by service",
        "Latency distribution",
        "Stream operations",
        "RPC type distribution",
      ]) {
        assert.ok(titles.includes(title), title);
      }
      const names = readBoard(board).variables.map(({ name }) => name);
      for (const name of ["job", "service", "method", "interval"]) {
        assert.ok(names.includes(name), name);
      }
    }
  });

  test("speaks the labels of other presets", () => {
    const exprs = (options: Parameters<typeof createServerBoard>[0]) =>
      JSON.stringify(
        readBoard(createServerBoard(options)).panels.map(
          (panel: BoardPanel) => panel.queries,
        ),
      );
    const python = exprs({ spelling: "python", prefix: "shop_" });
    assert.match(python, /shop_grpc_server_handled_total/);
    assert.doesNotMatch(python, /[^_]grpc_server_/);
    assert.match(python, /grpc_type=\\"UNARY\\"/);
    assert.match(python, /UNKNOWN\|DEADLINE_EXCEEDED\|/);
    assert.match(exprs({ spelling: "connect" }), /grpc_code=\\"ok\\"/);
  });

  test("leaves nothing out if told so", () => {
    const board = readBoard(createServerBoard({ hiddenServices: [] }));
    assert.doesNotMatch(JSON.stringify(board.queriesOf()), /grpc_service!~/);
  });
});

suite("spellStatus()", () => {
  test("spells as each library does", () => {
    const spelled = statuses.map(({ name }) => [
      spellStatus(name, "go"),
      spellStatus(name, "python"),
      spellStatus(name, "connect"),
    ]);
    assert.equal(spelled.length, 17);
    assert.deepEqual(spelled[0], ["OK", "OK", "ok"]);
    assert.deepEqual(spelled[1], ["Canceled", "CANCELLED", "canceled"]);
    assert.deepEqual(spelled[4], [
      "DeadlineExceeded",
      "DEADLINE_EXCEEDED",
      "deadline_exceeded",
    ]);
  });
});

type Position = BoardPanel["position"];

function overlap(a: Position, b: Position): boolean {
  return (
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
  );
}
