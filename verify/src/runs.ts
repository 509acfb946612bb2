import { attacksRun } from "./attacks/attacks-run.js";
import { databaseKillRun } from "./database-kill/database-kill-run.js";
import { laneOffRun } from "./lane-off/lane-off-run.js";
import type { LongRun } from "./long-run.js";
import { openPagesRun } from "./open-pages/open-pages-run.js";
import { nodeVersionsRun } from "./packages/node-versions-run.js";
import { packedPackagesRun } from "./packages/packed-packages-run.js";
import { sigtermRun } from "./sigterm/sigterm-run.js";
import { soakLaneRun, soakMetricsRun } from "./soak-runs.js";

/** All long runs, in the order in which they are run. */
export const runs: readonly LongRun[] = [
  attacksRun,
  sigtermRun,
  databaseKillRun,
  openPagesRun,
  soakMetricsRun,
  soakLaneRun,
  laneOffRun,
  packedPackagesRun,
  nodeVersionsRun,
];
