import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { formatAgo } from "./format.js";
import { useNow } from "./use-now.js";

const full = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "medium",
});

/** What {@link Moment} is given. */
export interface MomentProps {
  at: Timestamp | undefined;
  /** Says how long ago it was, or how soon it will be. By default, the date. */
  relative?: boolean;
  /** Shown when there is no such moment. By default, "never". */
  none?: string;
}

/** A moment in the viewer's time zone, with UTC on hover. */
export function Moment({ at, relative = false, none = "never" }: MomentProps) {
  const now = useNow(relative ? 1_000 : 60_000);
  if (at === undefined) {
    return <span className="dim">{none}</span>;
  }
  const date = timestampDate(at);
  const utc = date.toISOString();
  return (
    <time
      dateTime={utc}
      title={`${full.format(date)} here, ${utc.replace("T", " ").replace("Z", " UTC")}`}
    >
      {relative ? formatAgo(date.getTime() - now) : full.format(date)}
    </time>
  );
}
