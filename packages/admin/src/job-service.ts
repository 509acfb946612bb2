import { JobState } from "@both-ends/gen/admin/v1/job_pb.js";
import type { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import {
  findJob,
  listJobs,
  parseSchedule,
  previewSlots,
  type ScheduledJob,
} from "@both-ends/jobs";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { Db } from "mongodb";
import { toJobConnectError } from "./job-connect-error.js";
import type { EditJob } from "./job-editor.js";
import {
  fromScheduleMessage,
  toJob,
  toJobState,
  toRun,
} from "./job-message.js";
import type { JobWatcher } from "./job-watcher.js";
import {
  defaultPageSize,
  formatPageToken,
  parsePageToken,
} from "./page-token.js";
import { createRunHandlers } from "./run-handlers.js";
import { toDuration, toTimestamp } from "./timestamp.js";

/** What showing and changing jobs needs. */
export interface JobServiceOptions {
  /** The database of the service's jobs. */
  readonly db: Db;
  readonly edit: EditJob;
  readonly watcher: Pick<JobWatcher, "watch">;
}

/** Makes the handlers of JobService. */
export function createJobService({
  db,
  edit,
  watcher,
}: JobServiceOptions): ServiceImpl<typeof JobService> {
  return {
    ...createRunHandlers({ db, edit }),
    async listJobs(request) {
      const { pageSize = defaultPageSize, pageToken } = request;
      const [after = ""] = parsePageToken(pageToken, 1) ?? [];
      const matching = (await listJobs(db)).filter((job) =>
        matches(job, request),
      );
      const rest = matching.filter(({ name }) => name > after);
      const page = rest.slice(0, pageSize);
      const last = rest.length > pageSize ? page.at(-1) : undefined;
      return {
        jobs: page.map(toJob),
        nextPageToken: last === undefined ? "" : formatPageToken(last.name),
        total: matching.length,
      };
    },
    async getJob({ name }) {
      const job = await findJob(db, name);
      if (job === undefined) {
        throw new ConnectError(`no job is named "${name}"`, Code.NotFound);
      }
      return {
        job: toJob(job),
        nextRuns: nextRunsOf(job).flatMap((slot) => toTimestamp(slot) ?? []),
      };
    },
    previewSchedule({ schedule }) {
      try {
        const parsed = parseSchedule(fromScheduleMessage(schedule));
        const slots = previewSlots(parsed);
        const [first, second] = slots;
        return {
          nextRuns: slots.flatMap((slot) => toTimestamp(slot) ?? []),
          interval:
            first && second && toDuration(second.getTime() - first.getTime()),
        };
      } catch (error) {
        throw toJobConnectError(error);
      }
    },
    async createJob(request, context) {
      const schedule = fromScheduleMessage(request.schedule);
      const job = await edit(context, request, { kind: "create", schedule });
      return { job: toJob(job) };
    },
    async editJob(request, context) {
      const schedule = fromScheduleMessage(request.schedule);
      const job = await edit(context, request, { kind: "edit", schedule });
      return { job: toJob(job) };
    },
    pauseJob: async (request, context) => ({
      job: toJob(await edit(context, request, { kind: "pause" })),
    }),
    resumeJob: async (request, context) => ({
      job: toJob(await edit(context, request, { kind: "resume" })),
    }),
    runJob: async (request, context) => ({
      job: toJob(await edit(context, request, { kind: "run" })),
    }),
    deleteJob: async (request, context) => ({
      job: toJob(await edit(context, request, { kind: "remove" })),
    }),
    async *watchJobs({ names, runId }, { signal }) {
      for await (const changes of watcher.watch({ names, runId, signal })) {
        yield {
          jobs: changes.jobs.map(toJob),
          run: changes.run && toRun(changes.run),
        };
      }
    },
  };
}

function matches(
  job: ScheduledJob,
  filter: { states: readonly JobState[]; search: string; failing: boolean },
): boolean {
  const { states, search, failing } = filter;
  const state = toJobState(job);
  const text = `${job.name}\n${job.description}`.toLowerCase();
  return (
    (states.length === 0
      ? state !== JobState.DELETED
      : states.includes(state)) &&
    text.includes(search.toLowerCase()) &&
    (!failing || job.failures > 0)
  );
}

function nextRunsOf({ state, nextRunAt, schedule }: ScheduledJob): Date[] {
  if (state !== "active" || nextRunAt === undefined) {
    return [];
  }
  try {
    const parsed = parseSchedule(schedule);
    const rest = previewSlots(parsed, { count: 4, from: nextRunAt });
    return [nextRunAt, ...rest];
  } catch {
    return [nextRunAt];
  }
}
