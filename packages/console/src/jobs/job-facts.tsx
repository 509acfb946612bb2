import type { Job } from "@both-ends/gen/admin/v1/job_pb.js";
import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { useSession } from "../session/use-session.js";
import { formatDuration } from "../show/format.js";
import { Moment } from "../show/moment.js";
import { formatSchedule, JobBadges } from "./job-looks.js";
import { NextRuns } from "./next-runs.js";

/** Everything that is known about a job. */
export function JobFacts({ job }: { job: Job }) {
  // The others have jobs of the same names.
  const { service } = useSession();
  return (
    <div className="pair">
      <section className="card" aria-label="State">
        <dl className="facts">
          <dt>State</dt>
          <dd>
            <JobBadges job={job} />
          </dd>
          <dt>Schedule</dt>
          <dd>
            {formatSchedule(job.schedule)}
            <div className="dim small">
              revision {job.revision}
              {job.editedBy && `, last edit or run by hand by ${job.editedBy} `}
              {job.editedAt && <Moment at={job.editedAt} relative />}
              {" · "}
              <Anchor
                component={Link}
                size="sm"
                to={`/audit?service=${encodeURIComponent(service)}&target=${encodeURIComponent(`job:${job.name}`)}`}
              >
                who changed it
              </Anchor>
            </div>
          </dd>
          <dt>Next run</dt>
          <dd>
            <Moment at={job.nextRunAt} relative none="–" />
          </dd>
          <dt>Last run</dt>
          <dd>
            <Moment at={job.lastRunAt} relative />
          </dd>
          <dt>Last end</dt>
          <dd>
            <Moment at={job.lastFinishedAt} relative />
          </dd>
          <dt>Last failure</dt>
          <dd>
            <Moment at={job.lastFailedAt} relative />
            {job.lastFailure && (
              <div className="bad-text wrap-any">{job.lastFailure}</div>
            )}
          </dd>
          <dt>Worker</dt>
          <dd className="mono">{job.worker || "–"}</dd>
          <dt title="A run whose worker is silent for as long counts as lost">
            Lock lives
          </dt>
          <dd>{formatDuration(job.lockLifetime)}</dd>
          {job.dataJson && (
            <>
              <dt>Data</dt>
              <dd className="mono">{job.dataJson}</dd>
            </>
          )}
        </dl>
      </section>
      <section className="card" aria-label="Next runs">
        <h2>Next runs</h2>
        <p className="what">If the schedule stays as it is.</p>
        <NextRuns job={job} />
      </section>
    </div>
  );
}
