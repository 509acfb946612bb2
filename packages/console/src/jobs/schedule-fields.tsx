import type { ScheduleSchema } from "@both-ends/gen/admin/v1/job_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { NativeSelect, SegmentedControl, TextInput } from "@mantine/core";
import { spellInterval } from "./spell-interval.js";

/** A schedule as it is typed. */
export interface ScheduleDraft {
  kind: "every" | "cron";
  every: string;
  expression: string;
  timeZone: string;
}

/** The message that a draft stands for. */
export function scheduleOf(
  draft: ScheduleDraft,
): MessageInitShape<typeof ScheduleSchema> {
  const { kind, every, expression, timeZone } = draft;
  return {
    kind:
      kind === "every"
        ? { case: "every", value: spellInterval(every) }
        : { case: "cron", value: { expression, timeZone } },
  };
}

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const timeZones = [
  ...new Set(["UTC", own, ...Intl.supportedValuesOf("timeZone")]),
];

/** What {@link ScheduleFields} is given. */
export interface ScheduleFieldsProps {
  draft: ScheduleDraft;
  onChange(draft: ScheduleDraft): void;
  /** Why the schedule cannot be kept. */
  problem: string | undefined;
}

/** Fields for an interval, or for times of the clock. */
export function ScheduleFields(props: ScheduleFieldsProps) {
  const { draft, onChange, problem } = props;
  const set = (part: Partial<ScheduleDraft>) => onChange({ ...draft, ...part });
  return (
    <>
      <SegmentedControl
        aria-label="Kind of schedule"
        value={draft.kind}
        onChange={(kind) => set({ kind: kind === "cron" ? "cron" : "every" })}
        data={[
          { value: "every", label: "Interval" },
          { value: "cron", label: "Times of the clock" },
        ]}
      />
      {draft.kind === "every" ? (
        <TextInput
          label="Every"
          description="In words, such as “10 seconds”, “5 s” or “1 hour 30 minutes”"
          value={draft.every}
          maxLength={100}
          onChange={(event) => set({ every: event.currentTarget.value })}
          error={problem}
          required
          data-autofocus
        />
      ) : (
        <>
          <TextInput
            label="Cron expression"
            description="Minute, hour, day, month, weekday; six fields begin with seconds; or a name such as @daily"
            value={draft.expression}
            maxLength={200}
            onChange={(event) => set({ expression: event.currentTarget.value })}
            error={problem}
            required
            data-autofocus
          />
          <NativeSelect
            label="Time zone"
            description="In which the clock is read"
            data={timeZones}
            value={draft.timeZone || "UTC"}
            onChange={(event) => set({ timeZone: event.currentTarget.value })}
          />
        </>
      )}
    </>
  );
}
