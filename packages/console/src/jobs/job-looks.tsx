import {
  type Job,
  JobState,
  RunOutcome,
  type Schedule,
} from "@both-ends/gen/admin/v1/job_pb.js";
import { Badge, type Tone } from "../show/badge.js";

const states: Record<JobState, [Tone, string]> = {
  [JobState.UNSPECIFIED]: ["idle", "Unknown"],
  [JobState.SCHEDULED]: ["good", "Scheduled"],
  [JobState.RUNNING]: ["good", "Running"],
  [JobState.PAUSED]: ["warn", "Paused"],
  [JobState.DELETED]: ["idle", "Deleted"],
};

const outcomes: Record<RunOutcome, [Tone, string]> = {
  [RunOutcome.UNSPECIFIED]: ["idle", "Unknown"],
  [RunOutcome.RUNNING]: ["idle", "Running"],
  [RunOutcome.SUCCESS]: ["good", "Success"],
  [RunOutcome.FAILURE]: ["bad", "Failure"],
  [RunOutcome.LOST]: ["warn", "Lost"],
};

/** Whether a job is on its schedule, and whether its runs fail. */
export function JobBadges({ job }: { job: Job }) {
  const [tone, label] = states[job.state];
  return (
    <span className="row">
      <Badge tone={tone} label={label} />
      {job.failures > 0 && (
        <Badge tone="bad" label={`Failing × ${job.failures}`} />
      )}
    </span>
  );
}

/** How a run ended. */
export function OutcomeBadge({ outcome }: { outcome: RunOutcome }) {
  const [tone, label] = outcomes[outcome];
  return <Badge tone={tone} label={label} />;
}

/** A schedule in words. */
export function formatSchedule(schedule: Schedule | undefined): string {
  const kind = schedule?.kind;
  switch (kind?.case) {
    case "every":
      return `every ${kind.value}`;
    case "cron":
      return `${kind.value.expression} (${kind.value.timeZone || "UTC"})`;
    default:
      return "–";
  }
}
