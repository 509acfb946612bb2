export { type Certificate, createCertificate } from "./certificate.js";
export {
  type CertificateAuthority,
  type CertificateFiles,
  useCertificateAuthority,
} from "./certificate-authority.js";
export { freePorts } from "./free-ports.js";
export { laneVariables } from "./lane-variables.js";
export { needs, python, type ToolName } from "./needs.js";
export { type RunOptions, type RunResult, run } from "./run.js";
export {
  type StartedProcess,
  type StartProcessOptions,
  startProcess,
} from "./start-process.js";
export {
  type RunningReadme,
  type StartReadmeOptions,
  startReadme,
} from "./start-readme.js";
export { type WaitForOptions, waitFor } from "./wait-for.js";
