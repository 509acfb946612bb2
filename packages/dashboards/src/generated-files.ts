import { createAlertRules } from "./alert-rules.js";
import { createBothEndsBoard } from "./both-ends-board.js";
import { createClientBoard, createServerBoard } from "./call-board.js";
import { createHeartbeatsAndJobsBoard } from "./heartbeats-and-jobs-board.js";
import { createNodeRuntimeBoard } from "./node-runtime-board.js";
import { createRecordingRules } from "./recording-rules.js";
import { renderRuleFile } from "./rule-file.js";

/** A file of the repository that is generated from this package. */
export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** The folder that holds the generated dashboards alone. */
export const boardFolder = "grafana/provisioning/dashboards";

/** The folder that holds the generated rules alone. */
export const ruleFolder = "prometheus/rules";

/** Generates the dashboards and the rules of the system. */
export function createGeneratedFiles(): GeneratedFile[] {
  // The scrape interval of prometheus.yml.
  const options = { scrapeInterval: "5s" };
  const boards = [
    createServerBoard(options),
    createClientBoard(options),
    createBothEndsBoard(options),
    createHeartbeatsAndJobsBoard(options),
    createNodeRuntimeBoard(options),
  ].map((board) => ({
    path: `${boardFolder}/${board.uid}.json`,
    text: `${JSON.stringify(board, null, 2)}\n`,
  }));
  const rules = [
    { name: "recording", groups: createRecordingRules() },
    { name: "alerts", groups: createAlertRules() },
  ].map(({ name, groups }) => ({
    path: `${ruleFolder}/${name}.yml`,
    text: renderRuleFile(groups),
  }));
  return [...boards, ...rules];
}
