import {
  createJob,
  editSchedule,
  findJob,
  pauseJob,
  removeJob,
  resumeJob,
  runJobNow,
  type Schedule,
  type ScheduledJob,
  StaleRevisionError,
} from "@both-ends/jobs";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import type { Db } from "mongodb";
import { toAuditEntry } from "./admin-message.js";
import type { AuditLog } from "./audit-log.js";
import { callerOf } from "./caller.js";
import { toJobConnectError } from "./job-connect-error.js";

/** A change of a job. */
export type JobEdit =
  | { readonly kind: "pause" | "resume" | "run" | "remove" }
  | { readonly kind: "create" | "edit"; readonly schedule: Schedule };

/** The job that a change is made to, as whoever makes it saw it. */
export interface EditedJob {
  readonly name: string;
  readonly revision: number;
}

/** Changes jobs, and records each change. */
export type EditJob = (
  context: Pick<HandlerContext, "method" | "values">,
  job: EditedJob,
  edit: JobEdit,
) => Promise<ScheduledJob>;

/** What changing jobs needs. */
export interface JobEditorOptions {
  /** The database of the service's jobs. */
  readonly db: Db;
  readonly service: string;
  readonly audit: AuditLog;
}

/** Creates the function that changes jobs. It throws ConnectErrors, see `JobService`. */
export function createJobEditor(options: JobEditorOptions): EditJob {
  const { db, audit } = options;
  return async (context, { name, revision }, edit) => {
    const before = await findJob(db, name);
    if (before === undefined) {
      throw new ConnectError(`no job is named "${name}"`, Code.NotFound);
    }
    const by = callerOf(context).username;
    const work = async (notes: { after?: unknown; revision?: number }) => {
      try {
        const after = await apply(db, name, { ...edit, revision, by });
        notes.after = describe(after);
        notes.revision = after.revision;
        return after;
      } catch (error) {
        throw toJobConnectError(
          error,
          error instanceof StaleRevisionError
            ? await changesSince(options, name, revision)
            : [],
        );
      }
    };
    // Whatever is edited is at this revision, or the edit is refused.
    const notes = { before: describe(before) };
    return await audit.record(context, `job:${name}`, work, { notes });
  };
}

async function apply(
  db: Db,
  name: string,
  edit: JobEdit & { revision: number; by: string },
): Promise<ScheduledJob> {
  const { revision, by } = edit;
  switch (edit.kind) {
    case "create":
      return await createJob(db, name, { ...edit.schedule, revision, by });
    case "edit":
      return await editSchedule(db, name, { ...edit.schedule, revision, by });
    case "pause":
      return await pauseJob(db, name, { revision, by });
    case "resume":
      return await resumeJob(db, name, { revision, by });
    case "run":
      return await runJobNow(db, name, { revision, by });
    case "remove":
      return await removeJob(db, name, { revision, by });
  }
}

async function changesSince(
  { audit, service }: JobEditorOptions,
  name: string,
  revision: number,
) {
  const entries = await audit.list({
    service,
    target: `job:${name}`,
    limit: 20,
  });
  return entries
    .filter((entry) => (entry.revision ?? 0) > revision)
    .map(toAuditEntry);
}

function describe({ schedule, state, nextRunAt, revision }: ScheduledJob) {
  return { schedule, state, next_run_at: nextRunAt, revision };
}
