import { RunOutcome } from "@both-ends/gen/admin/v1/job_pb.js";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { NativeSelect, TextInput } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { Empty } from "../show/empty.js";
import { Failure } from "../show/failure.js";
import { Loading } from "../show/loading.js";
import { Pager } from "../show/pager.js";
import { ReadAgain } from "../show/read-again.js";
import { useFilter } from "../show/use-filter.js";
import { usePages } from "../show/use-pages.js";
import { useRead } from "../show/use-read.js";
import { RunTable } from "./run-table.js";

const outcomeChoices = [
  { value: "0", label: "Any" },
  { value: String(RunOutcome.RUNNING), label: "Running" },
  { value: String(RunOutcome.SUCCESS), label: "Success" },
  { value: String(RunOutcome.FAILURE), label: "Failure" },
  { value: String(RunOutcome.LOST), label: "Lost" },
];

/** What {@link RunHistory} is given. */
export interface RunHistoryProps {
  /** By default, all jobs. */
  job?: string;
  /** Read again when this changes. */
  changed?: string;
}

/** The runs of a job, or of all, newest first. */
export function RunHistory({ job = "", changed = "" }: RunHistoryProps) {
  const [outcome, setOutcome] = useFilter("outcome");
  const [from, setFrom] = useFilter("from");
  const [to, setTo] = useFilter("to");
  const pages = usePages(`${outcome} ${from} ${to}`);
  const runs = useRead(
    JobService.method.listRuns,
    {
      job,
      outcome: Number(outcome || "0"),
      from: readMoment(from),
      to: readMoment(to),
      pageSize: 20,
      pageToken: pages.token,
    },
    { placeholderData: keepPreviousData },
  );
  const refetch = useEffectEvent(() => {
    if (pages.token === "") {
      void runs.refetch();
    }
  });
  useEffect(() => {
    if (changed !== "") {
      refetch();
    }
  }, [changed]);
  return (
    <section className="card flush" aria-label="Runs">
      <div className="card-head stack">
        <div>
          <h2>Runs</h2>
          <p className="what">
            Newest first; the time of a run leads to its log. Lost: its worker
            was not heard of for as long as its lock lives.
          </p>
        </div>
        <div className="filters">
          <NativeSelect
            label="Outcome"
            data={outcomeChoices}
            value={outcome || "0"}
            onChange={(event) =>
              setOutcome(
                event.currentTarget.value === "0"
                  ? ""
                  : event.currentTarget.value,
              )
            }
          />
          <TextInput
            type="datetime-local"
            label="Began from"
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="datetime-local"
            label="Began before"
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <ReadAgain isPending={runs.isPending} read={runs.refetch} />
        </div>
        {runs.isError && (
          <Failure error={runs.error} what="The runs could not be read" />
        )}
      </div>
      {runs.isPending && <Loading what="the runs" />}
      {runs.data?.runs.length === 0 && (
        <Empty title="No such runs">
          {outcome || from || to
            ? "Another filter may show some."
            : "Nothing has run yet."}
        </Empty>
      )}
      {runs.data && runs.data.runs.length > 0 && (
        <RunTable runs={runs.data.runs} withJob={job === ""} />
      )}
      <div className="card-head" style={{ paddingBottom: 12 }}>
        <Pager {...pages.pager(runs.data?.nextPageToken)} />
      </div>
    </section>
  );
}

function readMoment(local: string) {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? undefined : timestampFromDate(date);
}
