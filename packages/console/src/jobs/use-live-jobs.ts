import type { Job, Run } from "@both-ends/gen/admin/v1/job_pb.js";
import { useState } from "react";
import type { StreamState } from "../live/follow-stream.js";
import { useLiveStream } from "../live/use-live-stream.js";
import { jobClient } from "./job-client.js";

/** What {@link useLiveJobs} watches. */
export interface LiveJobsOptions {
  /** By default, all. */
  names?: string[];
  /** Also a run, with its log. By default, none. */
  runId?: string;
}

/** Jobs as they are now. */
export interface LiveJobs {
  /** By name. Empty until the first message. */
  readonly jobs: ReadonlyMap<string, Job>;
  readonly run: Run | undefined;
  readonly state: StreamState;
  /** Takes over what an edit answered, before the stream says it. */
  put(job: Job): void;
}

/** Watches jobs while the page is seen. There are as many as the code has. */
export function useLiveJobs(options: LiveJobsOptions = {}): LiveJobs {
  const { names = [], runId = "" } = options;
  const [jobs, setJobs] = useState<ReadonlyMap<string, Job>>(new Map());
  const [run, setRun] = useState<Run>();
  const merge = (changed: readonly Job[]) =>
    setJobs(
      (before) =>
        new Map([...before, ...changed.map((job) => [job.name, job] as const)]),
    );
  const state = useLiveStream({
    key: JSON.stringify([names, runId]),
    open: (signal) =>
      jobClient.watchJobs({ names, runId }, { signal, timeoutMs: 0 }),
    onMessage(message) {
      merge(message.jobs);
      if (message.run !== undefined) {
        setRun(message.run);
      }
    },
  });
  return { jobs, run, state, put: (job) => merge([job]) };
}
