import { type Job, JobState } from "@both-ends/gen/admin/v1/job_pb.js";
import { Code, ConnectError } from "@connectrpc/connect";
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Confirm } from "../show/confirm.js";
import { Failure } from "../show/failure.js";
import { jobClient } from "./job-client.js";
import { JobEditor } from "./job-editor.js";
import { findStaleJob } from "./stale-job.js";

type Action = "pause" | "resume" | "run" | "delete";

const calls = {
  pause: jobClient.pauseJob,
  resume: jobClient.resumeJob,
  run: jobClient.runJob,
  delete: jobClient.deleteJob,
} as const;

const done: Record<Action, string> = {
  pause: "Paused. A run that is going on ends as usual.",
  resume: "It goes on with the next slot of its schedule.",
  run: "It runs within some seconds; see the runs below.",
  delete: "Deleted. The history stays; it can be put back.",
};

/** What {@link JobActions} is given. */
export interface JobActionsProps {
  job: Job;
  /** Told of the job as it is after a change. */
  onChange(job: Job): void;
}

/** What operators may do with a job. */
export function JobActions({ job, onChange }: JobActionsProps) {
  const [dialog, setDialog] = useState<"edit" | "delete">();
  const act = useMutation({
    mutationFn: async (action: Action) => {
      const answer = await calls[action]({
        name: job.name,
        revision: job.revision,
      });
      return answer.job;
    },
    onSuccess(changed) {
      setDialog(undefined);
      if (changed) {
        onChange(changed);
      }
    },
    onError(error) {
      const current = findStaleJob(error)?.current;
      if (current) {
        onChange(current);
      }
    },
  });
  const { state } = job;
  const isDeleted = state === JobState.DELETED;
  const isPaused = state === JobState.PAUSED;
  const isStale =
    act.isError && ConnectError.from(act.error).code === Code.Aborted;
  const button = (action: Action, label: string) => (
    <Button
      variant="default"
      loading={act.isPending && act.variables === action}
      onClick={() => act.mutate(action)}
    >
      {label}
    </Button>
  );
  return (
    <div className="stack">
      <div className="row">
        <Button onClick={() => setDialog("edit")}>
          {isDeleted ? "Put back on a schedule" : "Edit schedule"}
        </Button>
        {!isDeleted && !isPaused && button("run", "Run now")}
        {!isDeleted && !isPaused && button("pause", "Pause")}
        {isPaused && button("resume", "Resume")}
        {!isDeleted && (
          <Button variant="default" onClick={() => setDialog("delete")}>
            Delete …
          </Button>
        )}
      </div>
      {act.isSuccess && (
        <output className="note good">{done[act.variables]}</output>
      )}
      {act.isError && dialog !== "delete" && (
        <Failure
          error={act.error}
          what={
            isStale
              ? "Somebody else has just changed this job. You now see it as it is: look, and try again"
              : "Not done"
          }
        />
      )}
      {dialog === "edit" && (
        <JobEditor
          job={job}
          onClose={() => setDialog(undefined)}
          onSaved={(changed) => {
            setDialog(undefined);
            onChange(changed);
          }}
        />
      )}
      {dialog === "delete" && (
        <Confirm
          title={`Delete ${job.name}?`}
          action="Delete"
          isPending={act.isPending}
          error={act.error}
          onConfirm={() => act.mutate("delete")}
          onClose={() => setDialog(undefined)}
        >
          It is taken off its schedule, over restarts too. Its history stays,
          and it can be put back.
        </Confirm>
      )}
    </div>
  );
}
