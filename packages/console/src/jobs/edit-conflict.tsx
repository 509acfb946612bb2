import type { Job, StaleJob } from "@both-ends/gen/admin/v1/job_pb.js";
import { Button } from "@mantine/core";
import { ChangedJson } from "../audit/changed-json.js";
import { Moment } from "../show/moment.js";
import { formatSchedule } from "./job-looks.js";

/** What {@link EditConflict} is given. */
export interface EditConflictProps {
  stale: StaleJob;
  onKeepMine(current: Job): void;
  onTakeTheirs(current: Job): void;
}

/** Says what somebody else has changed meanwhile, and asks which is to hold. */
export function EditConflict(props: EditConflictProps) {
  const { stale, onKeepMine, onTakeTheirs } = props;
  const { current, changes } = stale;
  return (
    <div className="note warn stack" role="alert">
      <div>
        <strong>Somebody else has changed this job meanwhile</strong>
        It now runs {formatSchedule(current?.schedule)}.
      </div>
      {changes.slice(0, 5).map((change) => (
        <div key={change.id}>
          <b>{change.username || "The system"}</b>,{" "}
          {change.method.split("/")[1]}, <Moment at={change.time} relative />
          <ChangedJson before={change.beforeJson} after={change.afterJson} />
        </div>
      ))}
      {current && (
        <div className="row">
          <Button onClick={() => onKeepMine(current)}>Save mine over it</Button>
          <Button variant="default" onClick={() => onTakeTheirs(current)}>
            Go on from theirs
          </Button>
        </div>
      )}
    </div>
  );
}
