import type { Run } from "@both-ends/gen/admin/v1/job_pb.js";
import { CodeBlock } from "../show/code-block.js";
import { formatDuration } from "../show/format.js";
import { Moment } from "../show/moment.js";

/** What a run did, and its log. */
export function RunFacts({ run }: { run: Run }) {
  return (
    <>
      <section className="card" aria-label="Facts">
        <dl className="facts">
          <dt>Slot</dt>
          <dd>
            <Moment at={run.scheduledFor} />
          </dd>
          <dt>Began</dt>
          <dd>
            <Moment at={run.startedAt} />{" "}
            <span className="dim">
              {formatDuration(run.startDelay)} after its slot
            </span>
          </dd>
          <dt>Ended</dt>
          <dd>
            <Moment at={run.endedAt} none="–" />{" "}
            {run.duration && (
              <span className="dim">took {formatDuration(run.duration)}</span>
            )}
          </dd>
          <dt>Asked for by</dt>
          <dd>{run.requestedBy || "its schedule"}</dd>
          <dt>Attempt</dt>
          <dd>{run.attempt}</dd>
          <dt>Worker</dt>
          <dd className="mono">{run.worker}</dd>
          {run.result && (
            <>
              <dt>Result</dt>
              <dd>{run.result}</dd>
            </>
          )}
          {run.failure && (
            <>
              <dt>Failure</dt>
              <dd className="bad-text">{run.failure}</dd>
            </>
          )}
          {run.dataJson && (
            <>
              <dt>Data</dt>
              <dd className="mono">{run.dataJson}</dd>
            </>
          )}
        </dl>
      </section>
      <section className="card" aria-label="Log">
        <h2>Log</h2>
        <p className="what">
          {run.logDropped > 0
            ? `The newest lines; ${run.logDropped} older ones were left out.`
            : "What it wrote while it ran."}
        </p>
        {run.log.length === 0 ? (
          <p className="dim">It wrote nothing.</p>
        ) : (
          <CodeBlock label="Lines of the log" text={run.log.join("\n")} />
        )}
      </section>
    </>
  );
}
