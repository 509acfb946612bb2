export { createAlertRules } from "./alert-rules.js";
export { createBothEndsBoard } from "./both-ends-board.js";
export {
  type CallBoardOptions,
  createClientBoard,
  createServerBoard,
} from "./call-board.js";
export { burnWindows, errorBudget } from "./error-budget.js";
export { createGeneratedFiles, type GeneratedFile } from "./generated-files.js";
export { createHeartbeatsAndJobsBoard } from "./heartbeats-and-jobs-board.js";
export { createNodeRuntimeBoard } from "./node-runtime-board.js";
export {
  type Board,
  type BoardPanel,
  type BoardQuery,
  type BoardVariable,
  readBoard,
} from "./read-board.js";
export { createRecordingRules } from "./recording-rules.js";
export type {
  AlertRule,
  RecordingRule,
  RuleGroup,
  RuleOptions,
  Severity,
} from "./rule.js";
export { renderRuleFile } from "./rule-file.js";
export type { LabelSpelling } from "./status-codes.js";
export type { LabelPreset } from "./vocabulary.js";
