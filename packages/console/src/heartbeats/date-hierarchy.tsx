import {
  DateUnit,
  HeartbeatAdminService,
} from "@both-ends/gen/admin/v1/heartbeat_admin_service_pb.js";
import {
  type Timestamp,
  timestampFromMs,
  timestampMs,
} from "@bufbuild/protobuf/wkt";
import { Button } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { Empty } from "../show/empty.js";
import { Failure } from "../show/failure.js";
import { formatCount } from "../show/format.js";
import { Loading } from "../show/loading.js";
import { useRead } from "../show/use-read.js";
import { groupDays } from "./group-days.js";

/** A span of time, and how it was come to. All time if empty. */
export interface DateRange {
  readonly fromMs?: number;
  readonly toMs?: number;
  /** What it is a part of. */
  readonly parent?: DateRange;
  /** How fine it is. */
  readonly unit?: DateUnit;
}

/** What {@link DateHierarchy} is given. */
export interface DateHierarchyProps {
  serviceNames: string[];
  range: DateRange;
  onChange(range: DateRange): void;
}

const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const formats: Record<DateUnit, Intl.DateTimeFormatOptions> = {
  [DateUnit.UNSPECIFIED]: {},
  [DateUnit.YEAR]: { year: "numeric" },
  [DateUnit.MONTH]: { year: "numeric", month: "long" },
  [DateUnit.DAY]: { month: "short", day: "numeric", weekday: "short" },
  [DateUnit.HOUR]: { hour: "2-digit", minute: "2-digit" },
};

/**
 * How many beats there are by year, month, day and hour, from the first level
 * that has several; a click goes in.
 */
export function DateHierarchy(props: DateHierarchyProps) {
  const { serviceNames, range, onChange } = props;
  // Hours are the last level: a chosen hour shows its fellows.
  const isLeaf = range.unit === DateUnit.HOUR;
  const shown = isLeaf ? (range.parent ?? {}) : range;
  const asked = shown.unit === DateUnit.DAY ? DateUnit.HOUR : DateUnit.DAY;
  const counts = useRead(
    HeartbeatAdminService.method.countBeats,
    {
      serviceNames,
      unit: asked,
      from:
        shown.fromMs === undefined ? undefined : timestampFromMs(shown.fromMs),
      to: shown.toMs === undefined ? undefined : timestampFromMs(shown.toMs),
      timeZone,
    },
    { placeholderData: keepPreviousData },
  );
  const found = (counts.data?.counts ?? []).map(({ from, to, beats }) => ({
    fromMs: millisecondsOf(from),
    toMs: millisecondsOf(to),
    beats,
  }));
  const level =
    asked === DateUnit.HOUR ? { unit: asked, counts: found } : groupDays(found);
  const most = Math.max(1, ...level.counts.map((c) => c.beats));
  return (
    <section aria-label="By date">
      <nav className="row" aria-label="Chosen date">
        {pathOf(range).map((step) => (
          <Button
            key={`${step.unit} ${step.fromMs}`}
            size="compact-sm"
            variant={step === range ? "light" : "default"}
            aria-current={step === range || undefined}
            onClick={() => onChange(step)}
          >
            {step.unit === undefined
              ? "All dates"
              : formatStart(step.fromMs ?? 0, step.unit)}
          </Button>
        ))}
      </nav>
      {counts.isPending && <Loading what="the dates" />}
      {counts.isError && (
        <Failure
          error={counts.error}
          what="The dates could not be read"
          onRetry={() => void counts.refetch()}
        />
      )}
      {counts.data?.counts.length === 0 && <Empty title="No beats here" />}
      <ul className="bars">
        {level.counts.slice(0, 60).map(({ fromMs, toMs, beats }) => (
          <li key={fromMs}>
            <button
              type="button"
              onClick={() =>
                onChange({
                  fromMs,
                  toMs,
                  parent: shown,
                  unit: level.unit,
                })
              }
            >
              <span>{formatStart(fromMs, level.unit)}</span>
              <meter
                min={0}
                max={most}
                value={beats}
                aria-label={`${beats} beats`}
              />
              <span className="num">{formatCount(beats)}</span>
            </button>
          </li>
        ))}
      </ul>
      {counts.data?.truncated && (
        <p className="dim small">The newest 100,000 beats are counted.</p>
      )}
    </section>
  );
}

function pathOf(range: DateRange): DateRange[] {
  return range.parent === undefined
    ? [range]
    : [...pathOf(range.parent), range];
}

function formatStart(ms: number, unit: DateUnit): string {
  return new Date(ms).toLocaleString(undefined, formats[unit]);
}

function millisecondsOf(timestamp: Timestamp | undefined): number {
  return timestamp === undefined ? 0 : timestampMs(timestamp);
}
