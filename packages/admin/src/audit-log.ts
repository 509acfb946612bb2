import {
  Code,
  ConnectError,
  type ContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import { type Filter, ObjectId } from "mongodb";
import type {
  AdminCollections,
  AuditDetails,
  AuditDocument,
} from "./admin-documents.js";
import { type Caller, callerOf, remoteAddress } from "./caller.js";
import type { AdminLogger } from "./logger.js";

/** What a change notes of itself. */
export interface ChangeNotes {
  /** What was there. Undefined if nothing. */
  before?: unknown;
  /** What is there now. Undefined if nothing. */
  after?: unknown;
  /** The revision of a job after the change. */
  revision?: number;
}

/** Which entries. What is empty or undefined lets all through. */
export interface AuditFilter {
  readonly user?: string;
  readonly service?: string;
  readonly method?: string;
  readonly target?: string;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Only those older than this one. */
  readonly before?: { readonly at: Date; readonly id: ObjectId };
  readonly limit: number;
}

/** A change that was recorded. */
export type AuditEntry = Omit<AuditDocument, "details"> & AuditDetails;

/** The record of all changes. */
export interface AuditLog {
  /**
   * Makes a change and records it. The entry is stored before the change is
   * made, as `unknown`, and completed after it: so no change is without one,
   * whatever goes down in between. A change that is refused leaves none.
   *
   * The caller is who was authorized, unless one is given.
   */
  record<T>(
    context: Pick<HandlerContext, "method" | "values">,
    target: string,
    change: (notes: ChangeNotes) => Promise<T>,
    options?: { readonly notes?: ChangeNotes; readonly caller?: Caller },
  ): Promise<T>;
  /** Entries, newest first. */
  list(filter: AuditFilter): Promise<AuditEntry[]>;
}

/** What a record needs. */
export interface AuditLogOptions {
  /** The service whose console this is. */
  readonly service: string;
  readonly now: () => Date;
  readonly logger: AdminLogger;
  /** Finds the request's id. By default, there is none. */
  readonly requestId?: (values: ContextValues) => string | undefined;
}

/** Codes with which a change says that it was not made. */
const refusals: ReadonlySet<Code> = new Set([
  Code.Aborted,
  Code.AlreadyExists,
  Code.FailedPrecondition,
  Code.InvalidArgument,
  Code.NotFound,
  Code.PermissionDenied,
  Code.ResourceExhausted,
  Code.Unauthenticated,
]);

/** Creates the record of changes. */
export function createAuditLog(
  { audit }: Pick<AdminCollections, "audit">,
  options: AuditLogOptions,
): AuditLog {
  const { service, now, logger, requestId } = options;

  async function begin(
    context: Pick<HandlerContext, "method" | "values">,
    entry: { target: string; notes: ChangeNotes; caller: Caller },
  ): Promise<{ _id: ObjectId; details: AuditDetails }> {
    const { method, values } = context;
    const { target, notes, caller } = entry;
    const { by } = caller;
    const _id = new ObjectId();
    const details: AuditDetails = {
      token_id: by.kind === "token" ? by.publicId : undefined,
      address: values.get(remoteAddress),
      request_id: requestId?.(values),
      ...notes,
      outcome: "unknown",
    };
    await audit.insertOne({
      _id,
      at: now(),
      user: caller.username,
      service,
      method: `${method.parent.name}/${method.name}`,
      target,
      details: JSON.stringify(details),
    });
    return { _id, details };
  }

  async function complete(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (err) {
      // What was changed stays changed; the entry says that it is not known.
      logger.error({ err }, "an entry of the audit log was not completed");
    }
  }

  return {
    async record(context, target, change, { notes = {}, caller } = {}) {
      const who = caller ?? callerOf(context);
      const { _id, details } = await begin(context, {
        target,
        notes,
        caller: who,
      });
      try {
        const result = await change(notes);
        const done: AuditDetails = { ...details, ...notes, outcome: "done" };
        const $set = { details: JSON.stringify(done) };
        await complete(() => audit.updateOne({ _id }, { $set }));
        return result;
      } catch (error) {
        if (error instanceof ConnectError && refusals.has(error.code)) {
          await complete(() => audit.deleteOne({ _id }));
        }
        throw error;
      }
    },
    async list(filter) {
      const entries = await audit
        .find(toQuery(filter))
        .sort({ at: -1, _id: -1 })
        .limit(filter.limit)
        .toArray();
      return entries.map(toEntry);
    },
  };
}

/** The query of a filter. Its sort is always `{ at: -1, _id: -1 }`. */
export function toQuery(filter: AuditFilter): Filter<AuditDocument> {
  const { from, to, before } = filter;
  const conditions: Filter<AuditDocument>[] = [];
  for (const field of ["user", "service", "method", "target"] as const) {
    const value = filter[field];
    if (value !== undefined && value !== "") {
      conditions.push({ [field]: value });
    }
  }
  if (from !== undefined) {
    conditions.push({ at: { $gte: from } });
  }
  if (to !== undefined) {
    conditions.push({ at: { $lt: to } });
  }
  if (before !== undefined) {
    const { at, id } = before;
    conditions.push(
      // The first alone can be looked up in an index.
      { at: { $lte: at } },
      { $or: [{ at: { $lt: at } }, { at, _id: { $lt: id } }] },
    );
  }
  return conditions.length > 0 ? { $and: conditions } : {};
}

function toEntry({ details, ...entry }: AuditDocument): AuditEntry {
  // Written above, and nowhere else.
  return { ...entry, ...(JSON.parse(details) as AuditDetails) };
}
