export { type Certificate, createCertificate } from "./certificate.js";
export { needs, type ToolName } from "./needs.js";
export { type RunOptions, type RunResult, run } from "./run.js";
export { type WaitForOptions, waitFor } from "./wait-for.js";
