import type { Job } from "@both-ends/gen/admin/v1/job_pb.js";
import { Link } from "react-router";
import { Moment } from "../show/moment.js";
import { formatSchedule, JobBadges } from "./job-looks.js";

/** Jobs in a table. */
export function JobTable({ jobs }: { jobs: readonly Job[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
    <section className="scroll" tabIndex={0} aria-label="Jobs">
      <table className="list stacks">
        <thead>
          <tr>
            <th>Job</th>
            <th>State</th>
            <th>Schedule</th>
            <th>Next run</th>
            <th>Last run</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.name}>
              <td>
                <Link to={`/jobs/${encodeURIComponent(job.name)}`}>
                  {job.name}
                </Link>
                <div className="dim small">{job.description}</div>
              </td>
              <td data-label="State">
                <JobBadges job={job} />
              </td>
              <td data-label="Schedule" className="one-line">
                {formatSchedule(job.schedule)}
              </td>
              <td data-label="Next run">
                <Moment at={job.nextRunAt} relative none="–" />
              </td>
              <td data-label="Last run">
                <Moment at={job.lastRunAt} relative />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
