import { type Job, JobState } from "@both-ends/gen/admin/v1/job_pb.js";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { useQuery } from "@connectrpc/connect-query";
import { keepPreviousData } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { Moment } from "../show/moment.js";

/** The next five slots of a job. */
export function NextRuns({ job }: { job: Job }) {
  const { name, revision, state, nextRunAt } = job;
  const read = useQuery(
    JobService.method.getJob,
    { name },
    { placeholderData: keepPreviousData },
  );
  const refetch = useEffectEvent(() => void read.refetch());
  const changed = `${revision} ${state} ${nextRunAt?.seconds}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again when the schedule has moved on
  useEffect(refetch, [changed]);
  if (state === JobState.PAUSED || state === JobState.DELETED) {
    return <p className="dim">None: it is not on its schedule.</p>;
  }
  return <SlotList slots={read.data?.nextRuns ?? []} />;
}

/** Moments, one below the other. */
export function SlotList({ slots }: { slots: readonly Timestamp[] }) {
  return (
    <ol className="slots">
      {slots.map((slot) => (
        <li key={String(slot.seconds)}>
          <Moment at={slot} />{" "}
          <span className="dim small">
            <Moment at={slot} relative />
          </span>
        </li>
      ))}
    </ol>
  );
}
