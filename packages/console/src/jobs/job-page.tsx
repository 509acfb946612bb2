import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { Anchor } from "@mantine/core";
import { Link, useParams } from "react-router";
import { PageHead } from "../layout/page-head.js";
import { LiveBadge } from "../live/live-badge.js";
import { useSession } from "../session/use-session.js";
import { Failure } from "../show/failure.js";
import { Loading } from "../show/loading.js";
import { useRead } from "../show/use-read.js";
import { JobActions } from "./job-actions.js";
import { JobFacts } from "./job-facts.js";
import { RunHistory } from "./run-history.js";
import { useLiveJobs } from "./use-live-jobs.js";

/** One job: what it is, when it runs, what it did. */
export function JobPage() {
  const { name = "" } = useParams();
  const { isOperator } = useSession();
  const live = useLiveJobs({ names: [name] });
  const read = useRead(JobService.method.getJob, { name });
  const job = live.jobs.get(name) ?? read.data?.job;
  const changed = String(job?.lastFinishedAt?.seconds ?? "");
  return (
    <div className="stack">
      <div>
        <Anchor component={Link} to="/jobs" size="sm">
          ← Jobs
        </Anchor>
        <PageHead title={name} about={job?.description}>
          <LiveBadge state={live.state} />
        </PageHead>
      </div>
      {read.isError && (
        <Failure
          error={read.error}
          what="The job could not be read"
          onRetry={() => void read.refetch()}
        />
      )}
      {read.isPending && <Loading what="the job" />}
      {job && (
        <>
          {isOperator && <JobActions job={job} onChange={live.put} />}
          <JobFacts job={job} />
          <RunHistory job={name} changed={changed} />
        </>
      )}
    </div>
  );
}
