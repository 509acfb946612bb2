import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { python, run } from "@both-ends/testing";
import { createGeneratedFiles } from "./generated-files.js";

/**
 * Reads dashboards with the classes of the Foundation SDK, which refuse what
 * has no field, and says what kinds of panels it found.
 */
const program = `
import json, sys
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
plugins.register_default_plugins()
boards = json.load(sys.stdin)
for board in boards:
    read = Dashboard.from_json(board)
    back = json.loads(json.dumps(read, cls=JSONEncoder))
    count = lambda panels: sum(1 + len(panel.get("panels") or []) for panel in panels)
    assert count(back["panels"]) == count(board["panels"]), board["title"]
print(len(boards))
`;

async function needsParser(): Promise<{ skip: string | false }> {
  const found = await run(python(), [
    "-c",
    "import grafana_foundation_sdk",
  ]).then(
    ({ code }) => code === 0,
    () => false,
  );
  const reason =
    "Python has no grafana_foundation_sdk, to enable: pip install grafana-foundation-sdk==0.0.21";
  if (!found && process.env.CI === "true") {
    throw new Error(reason);
  }
  return { skip: found ? false : reason };
}

const parser = await needsParser();

suite("the Foundation SDK for Python", () => {
  test("takes every board, and refuses a malformed one", {
    ...parser,
    timeout: 60_000,
  }, async () => {
    const boards = JSON.stringify(
      createGeneratedFiles()
        .filter(({ path }) => path.endsWith(".json"))
        .map(({ text }): unknown => JSON.parse(text)),
    );
    const good = await run(python(), ["-c", program], { input: boards });
    assert.equal(good.stderr, "");
    assert.equal(good.stdout.trim(), "5");
    const bad = await run(python(), ["-c", program], {
      input: boards.replaceAll(
        '"datasource":{"type":"prometheus","uid":"$datasource"}',
        () => '"datasource":"$datasource"',
      ),
    });
    assert.notEqual(bad.code, 0);
  });
});
