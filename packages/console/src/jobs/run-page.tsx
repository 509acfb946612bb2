import { RunOutcome } from "@both-ends/gen/admin/v1/job_pb.js";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { Anchor, Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { PageHead } from "../layout/page-head.js";
import { LiveBadge } from "../live/live-badge.js";
import { useSession } from "../session/use-session.js";
import { Failure } from "../show/failure.js";
import { Loading } from "../show/loading.js";
import { useRead } from "../show/use-read.js";
import { jobClient } from "./job-client.js";
import { OutcomeBadge } from "./job-looks.js";
import { RunFacts } from "./run-facts.js";
import { useLiveJobs } from "./use-live-jobs.js";

/** One run, with its result, failure and log. */
export function RunPage() {
  const { id = "" } = useParams();
  const { isOperator } = useSession();
  const read = useRead(JobService.method.getRun, { id });
  const { run: watched, state } = useLiveJobs({ runId: id });
  const run = watched ?? read.data?.run;
  const requeue = useMutation({
    mutationFn: () => jobClient.requeueRun({ id }),
  });
  const canRequeue =
    run?.outcome === RunOutcome.FAILURE || run?.outcome === RunOutcome.LOST;
  return (
    <div className="stack">
      <div>
        <Anchor
          component={Link}
          to={run ? `/jobs/${encodeURIComponent(run.job)}` : "/jobs"}
          size="sm"
        >
          ← {run?.job ?? "Jobs"}
        </Anchor>
        <PageHead title={run ? `Run of ${run.job}` : "Run"}>
          {run && <OutcomeBadge outcome={run.outcome} />}
          <LiveBadge state={state} />
        </PageHead>
      </div>
      {isOperator && canRequeue && (
        <div className="row">
          <Button loading={requeue.isPending} onClick={() => requeue.mutate()}>
            Run once more
          </Button>
        </div>
      )}
      {requeue.isError && <Failure error={requeue.error} what="Not done" />}
      {requeue.isSuccess && (
        <output className="note good">
          It runs within some seconds; see the runs of its job.
        </output>
      )}
      {read.isPending && <Loading what="the run" />}
      {read.isError && (
        <Failure
          error={read.error}
          what="The run could not be read"
          onRetry={() => void read.refetch()}
        />
      )}
      {run && <RunFacts run={run} />}
    </div>
  );
}
