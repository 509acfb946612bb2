export { describeMachine, type Machine, renderMachine } from "./machine.js";
export { markdownTable } from "./markdown-table.js";
export { writeSection } from "./marked-section.js";
export { exposedGc } from "./rounds.js";
export {
  fitLine,
  type Line,
  median,
  type Summary,
  summarize,
} from "./statistics.js";
