import type { Filter } from "mongodb";
import type {
  BeatDocument,
  HeartbeatCollections,
} from "./heartbeat-documents.js";
import { formatPageToken, parsePageToken } from "./page-token.js";

/** How many beats a page has if a caller does not say. */
export const defaultPageSize = 50;

/** A beat of the history. */
export interface RecordedBeat {
  readonly serviceName: string;
  /** Who sent it. */
  readonly instanceId: string;
  /** The time between two beats that it promised. */
  readonly intervalMs: number;
  /** When it arrived, by the server's clock. */
  readonly time: Date;
}

/** Which beats to look at. */
export interface BeatFilter {
  /** Only these services. By default, or if empty, all. */
  readonly serviceNames?: readonly string[] | undefined;
  /** Only beats at or after this moment. By default, there is no bound. */
  readonly from?: Date | undefined;
  /** Only beats before this moment. By default, there is no bound. */
  readonly to?: Date | undefined;
}

/** Which beats to list. */
export interface ListBeatsOptions extends BeatFilter {
  /** At most so many. By default, 50. */
  readonly pageSize?: number | undefined;
  /** `nextPageToken` of the page before. By default, or if empty, the first page. */
  readonly pageToken?: string | undefined;
}

/** A page of the history, newest first. */
export interface BeatPage {
  readonly beats: RecordedBeat[];
  /** Where the next page starts; empty at the end. */
  readonly nextPageToken: string;
}

/**
 * Reads a page of the history. A page begins after a beat, not at a number, so
 * beats that arrive while somebody reads shift nothing.
 *
 * Throws InvalidPageTokenError.
 */
export async function listBeats(
  { history }: HeartbeatCollections,
  options: ListBeatsOptions,
): Promise<BeatPage> {
  const { pageSize = defaultPageSize } = options;
  const filter = toFilter(options);
  if (pageSize === 0) {
    return { beats: [], nextPageToken: "" };
  }
  const documents = await history
    .find(filter)
    .sort({ time: -1, _id: -1 })
    // One more tells whether there is a next page.
    .limit(pageSize + 1)
    .toArray();
  const page = documents.slice(0, pageSize);
  const last = documents.length > pageSize ? page.at(-1) : undefined;
  return {
    beats: page.map(toRecordedBeat),
    nextPageToken:
      last === undefined
        ? ""
        : formatPageToken({ time: last.time, id: last._id }),
  };
}

/** Which beats' times to list. */
export interface ListBeatTimesOptions extends BeatFilter {
  /** At most so many, the newest. */
  readonly limit: number;
}

/**
 * Reads when beats arrived, newest first: far more than a page, and nothing but
 * what an index holds.
 */
export async function listBeatTimes(
  { history }: HeartbeatCollections,
  options: ListBeatTimesOptions,
): Promise<Date[]> {
  const found = await history
    .find(toFilter(options), { projection: { _id: 0, time: 1 } })
    .sort({ time: -1 })
    .limit(options.limit)
    .toArray();
  return found.map(({ time }) => time);
}

function toFilter(options: ListBeatsOptions): Filter<BeatDocument> {
  const { serviceNames = [], from, to, pageToken = "" } = options;
  const conditions: Filter<BeatDocument>[] = [];
  if (serviceNames.length > 0) {
    conditions.push({ service: { $in: [...serviceNames] } });
  }
  if (from !== undefined) {
    conditions.push({ time: { $gte: from } });
  }
  if (to !== undefined) {
    conditions.push({ time: { $lt: to } });
  }
  if (pageToken !== "") {
    const { time, id } = parsePageToken(pageToken);
    conditions.push(
      // The first alone can be looked up in an index.
      { time: { $lte: time } },
      { $or: [{ time: { $lt: time } }, { time, _id: { $lt: id } }] },
    );
  }
  return conditions.length > 0 ? { $and: conditions } : {};
}

function toRecordedBeat(document: BeatDocument): RecordedBeat {
  return {
    serviceName: document.service,
    instanceId: document.instance_id,
    intervalMs: document.interval_ms,
    time: document.time,
  };
}
