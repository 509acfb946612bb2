import type { Run } from "@both-ends/gen/admin/v1/job_pb.js";
import { Link } from "react-router";
import { formatDuration } from "../show/format.js";
import { Moment } from "../show/moment.js";
import { OutcomeBadge } from "./job-looks.js";

/** Runs in a table. */
export function RunTable({
  runs,
  withJob,
}: {
  runs: readonly Run[];
  withJob: boolean;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
    <section className="scroll" tabIndex={0} aria-label="List of runs">
      <table className="list stacks brief">
        <thead>
          <tr>
            <th>Outcome</th>
            <th>Began</th>
            {withJob && <th>Job</th>}
            <th className="num">Took</th>
            <th className="num">Late by</th>
            <th>Result or failure</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>
                <OutcomeBadge outcome={run.outcome} />
              </td>
              <td data-label="Began">
                <Link to={`/runs/${encodeURIComponent(run.id)}`}>
                  <Moment at={run.startedAt} />
                </Link>
                {run.requestedBy && (
                  <div className="dim small">by hand: {run.requestedBy}</div>
                )}
              </td>
              {withJob && (
                <td data-label="Job" className="one-line">
                  <Link to={`/jobs/${encodeURIComponent(run.job)}`}>
                    {run.job}
                  </Link>
                </td>
              )}
              <td data-label="Took" className="num">
                {formatDuration(run.duration)}
              </td>
              <td data-label="Late by" className="num">
                {formatDuration(run.startDelay)}
              </td>
              <td
                data-label={run.failure ? "Failure" : "Result"}
                className={run.failure ? "bad-text wrap-any" : "dim wrap-any"}
              >
                {run.failure || run.result || "–"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
