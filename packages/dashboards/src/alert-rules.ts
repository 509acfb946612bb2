import { createCallAlerts } from "./call-alerts.js";
import { createHeartbeatAlerts } from "./heartbeat-alerts.js";
import { createJobAlerts } from "./job-alerts.js";
import { createProcessAlerts } from "./process-alerts.js";
import type { RuleGroup, RuleOptions } from "./rule.js";

/** Creates all alert rules. */
export function createAlertRules(options: RuleOptions = {}): RuleGroup[] {
  return [
    createProcessAlerts(options),
    createCallAlerts(options),
    createHeartbeatAlerts(options),
    createJobAlerts(options),
  ];
}
