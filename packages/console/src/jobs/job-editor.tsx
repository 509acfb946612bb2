import { type Job, JobState } from "@both-ends/gen/admin/v1/job_pb.js";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { Code, ConnectError } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { Button, Modal } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Failure } from "../show/failure.js";
import { EditConflict } from "./edit-conflict.js";
import { jobClient } from "./job-client.js";
import { SlotList } from "./next-runs.js";
import {
  type ScheduleDraft,
  ScheduleFields,
  scheduleOf,
} from "./schedule-fields.js";
import { findStaleJob } from "./stale-job.js";

/** What {@link JobEditor} is given. */
export interface JobEditorProps {
  job: Job;
  onSaved(job: Job): void;
  onClose(): void;
}

/** Gives a job another schedule, or puts a deleted one back. */
export function JobEditor({ job, onSaved, onClose }: JobEditorProps) {
  // As it was when the editor opened: what changes meanwhile is a conflict.
  const [base, setBase] = useState(job);
  const [draft, setDraft] = useState(() => draftOf(job));
  const [typed] = useDebouncedValue(draft, 300);
  const preview = useQuery(
    JobService.method.previewSchedule,
    { schedule: scheduleOf(typed) },
    { retry: false },
  );
  const save = useMutation({
    mutationFn: async (revision: number) => {
      const { name } = job;
      const request = { name, revision, schedule: scheduleOf(draft) };
      const call =
        base.state === JobState.DELETED
          ? jobClient.createJob
          : jobClient.editJob;
      return (await call(request)).job;
    },
    onSuccess: (saved) => (saved ? onSaved(saved) : onClose()),
  });
  const stale = findStaleJob(save.error);
  const problem = problemOf(save.error) ?? problemOf(preview.error);
  return (
    <Modal opened onClose={onClose} title={`Schedule of ${job.name}`}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(base.revision);
        }}
      >
        {stale && (
          <EditConflict
            stale={stale}
            onKeepMine={(current) => {
              setBase(current);
              save.mutate(current.revision);
            }}
            onTakeTheirs={(current) => {
              setBase(current);
              setDraft(draftOf(current));
              save.reset();
            }}
          />
        )}
        {save.isError && !stale && problemOf(save.error) === undefined && (
          <Failure error={save.error} what="Not saved" />
        )}
        <ScheduleFields
          draft={draft}
          problem={problem}
          onChange={(changed) => {
            setDraft(changed);
            if (!stale) {
              save.reset();
            }
          }}
        />
        <section aria-label="Preview" aria-live="polite">
          <h3 style={{ margin: 0, fontSize: 14 }}>The next five runs</h3>
          {problem === undefined ? (
            <SlotList slots={preview.data?.nextRuns ?? []} />
          ) : (
            <p className="dim">None: this is no schedule.</p>
          )}
        </section>
        {!stale && (
          <div className="row">
            <Button
              type="submit"
              loading={save.isPending}
              disabled={problem !== undefined}
            >
              Save
            </Button>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
          </div>
        )}
      </form>
    </Modal>
  );
}

function draftOf({ schedule }: Job): ScheduleDraft {
  const kind = schedule?.kind;
  const cron = kind?.case === "cron" ? kind.value : undefined;
  return {
    kind: cron === undefined ? "every" : "cron",
    every: kind?.case === "every" ? kind.value : "10 minutes",
    expression: cron?.expression ?? "0 3 * * *",
    timeZone: cron?.timeZone || "UTC",
  };
}

/** Why a schedule cannot be kept, if that is what an error says. */
function problemOf(error: unknown): string | undefined {
  if (error === null || error === undefined) {
    return undefined;
  }
  const { code, rawMessage } = ConnectError.from(error);
  return code === Code.InvalidArgument ? rawMessage : undefined;
}
