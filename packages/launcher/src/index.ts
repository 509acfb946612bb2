export { type LaunchOptions, launch } from "./launch.js";
export { type Plan, planProcesses } from "./plan.js";
export {
  type PortName,
  portNames,
  type ServiceDefinition,
  type ServiceName,
  services,
} from "./processes.js";
export {
  type DerivedConfigOptions,
  derivePrometheusConfig,
} from "./prometheus-config.js";
