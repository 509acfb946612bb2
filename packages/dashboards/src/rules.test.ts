import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { needs, run } from "@both-ends/testing";
import { createAlertRules } from "./alert-rules.js";
import { createRecordingRules } from "./recording-rules.js";
import type { AlertRule, RecordingRule } from "./rule.js";
import { alertCases, type Series } from "./rule-cases.js";
import { renderRuleFile, runbooks } from "./rule-file.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const options = { ...needs("promtool"), timeout: 60_000 };
const groups = [...createRecordingRules(), ...createAlertRules()];
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.filter((rule): rule is AlertRule => "alert" in rule);
const records = rules.filter((rule): rule is RecordingRule => "record" in rule);

/** Runs promtool's test of rules, and returns what it objects to. */
async function testRules(t: TestContext, tests: unknown[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rules-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "rules.yml"), renderRuleFile(groups));
  const file = join(folder, "test.yml");
  // JSON is YAML, too.
  await writeFile(
    file,
    JSON.stringify({
      rule_files: ["rules.yml"],
      evaluation_interval: "1m",
      group_eval_order: groups.map(({ name }) => name),
      tests,
    }),
  );
  const { code, stdout, stderr } = await run("promtool", [
    "test",
    "rules",
    file,
  ]);
  return code === 0 ? "" : `${stdout}${stderr}`;
}

function input(series: Series): unknown {
  return Object.entries(series).map(([name, values]) => ({
    series: name,
    values,
  }));
}

suite("createAlertRules()", () => {
  test("has a case for every alert, and a runbook", async () => {
    const names = alerts.map(({ alert }) => alert);
    assert.deepEqual(
      alertCases.map(({ alert }) => alert).sort(),
      [...names].sort(),
    );
    const text = await readFile(join(root, runbooks), "utf8");
    const headings = [...text.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    assert.deepEqual(headings.sort(), [...names].sort());
  });

  for (const { alert, at, fires, quiet } of alertCases) {
    test(`${alert} fires, and is quiet`, options, async (t) => {
      const rule = alerts.find((one) => one.alert === alert);
      assert.ok(rule);
      const expected = {
        exp_labels: { ...fires.labels, severity: rule.severity },
        exp_annotations: {
          summary: fires.summary,
          description: fires.description ?? rule.description,
          runbook_url: `${runbooks}#${alert.toLowerCase()}`,
        },
      };
      const scene = (series: Series, exp_alerts: unknown[]) => ({
        interval: "1m",
        input_series: input(series),
        alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts }],
      });
      const silences = Object.entries(quiet).map(([why, series]) => ({
        name: why,
        ...scene(series, []),
      }));
      const scenes = [scene(fires.series, [expected]), ...silences];
      assert.equal(await testRules(t, scenes), "");
    });
  }

  test("waits before it tells, by the times that are given", () => {
    const fast = createAlertRules({ speed: 60 }).flatMap(
      (group) => group.rules,
    );
    const [rule] = fast;
    assert.ok(rule && "alert" in rule);
    assert.equal(rule.for, "2s");
    const windows = fast.flatMap(({ expr }) =>
      [...expr.matchAll(/\[(\w+)\]/g)].map(([, window]) => window),
    );
    assert.deepEqual([...new Set(windows)].sort(), ["15s", "5s"]);
  });
});

suite("createRecordingRules()", () => {
  const calls = (side: string, service: string, code: string) =>
    `grpc_${side}_handled_total{job="j", grpc_service="${service}", grpc_method="M", grpc_code="${code}"}`;

  test(
    "records the share of failed calls over each window",
    options,
    async (t) => {
      const ratios = records.filter(({ record }) => record.includes("ratio"));
      assert.equal(ratios.length, 8);
      const scenes = ["server", "client"].map((side) => ({
        interval: "1m",
        input_series: input({
          [calls(side, "s.v1.S", "OK")]: "0+80x60",
          [calls(side, "s.v1.S", "NotFound")]: "0+10x60",
          [calls(side, "s.v1.S", "Unavailable")]: "0+10x60",
          [calls(side, "quiet.v1.Q", "OK")]: "0+0x60",
          [calls(side, "fine.v1.F", "OK")]: "0+5x60",
          [calls(side, "grpc.health.v1.Health", "Internal")]: "0+5x60",
          [calls(side, "other", "Unimplemented")]: "0+5x60",
        }),
        promql_expr_test: ratios
          .filter(({ record }) => record.includes(side))
          .map(({ record }) => ({
            expr: `round(${record}, 0.001)`,
            eval_time: "45m",
            exp_samples: [
              { labels: '{job="j", grpc_service="s.v1.S"}', value: 0.1 },
              { labels: '{job="j", grpc_service="fine.v1.F"}', value: 0 },
            ],
          })),
      }));
      assert.equal(await testRules(t, scenes), "");
    },
  );

  test("records the p95 of unary calls", options, async (t) => {
    const names = records.filter(({ record }) => record.includes("p95"));
    assert.equal(names.length, 2);
    const scenes = ["server", "client"].map((side) => {
      const bucket = (type: string, le: string) =>
        `grpc_${side}_handling_seconds_bucket{job="j", grpc_type="${type}", grpc_service="s", grpc_method="M", le="${le}"}`;
      return {
        interval: "1m",
        input_series: input({
          [bucket("unary", "1")]: "0+0x10",
          [bucket("unary", "2")]: "0+60x10",
          [bucket("unary", "+Inf")]: "0+60x10",
          [bucket("bidi_stream", "2")]: "0+0x10",
          [bucket("bidi_stream", "+Inf")]: "0+60x10",
        }),
        promql_expr_test: [
          {
            expr: `round(job_grpc_service_grpc_method:grpc_${side}_handling_seconds:p95_rate5m, 0.001)`,
            eval_time: "10m",
            exp_samples: [
              {
                labels: '{job="j", grpc_service="s", grpc_method="M"}',
                value: 1.95,
              },
            ],
          },
        ],
      };
    });
    assert.equal(await testRules(t, scenes), "");
  });
});
