import { JobState } from "@both-ends/gen/admin/v1/job_pb.js";
import { JobService } from "@both-ends/gen/admin/v1/job_service_pb.js";
import { NativeSelect, Switch, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { PageHead } from "../layout/page-head.js";
import { LiveBadge } from "../live/live-badge.js";
import { useSession } from "../session/use-session.js";
import { Empty } from "../show/empty.js";
import { Failure } from "../show/failure.js";
import { Loading } from "../show/loading.js";
import { Pager } from "../show/pager.js";
import { useFilter } from "../show/use-filter.js";
import { usePages } from "../show/use-pages.js";
import { useRead } from "../show/use-read.js";
import { JobTable } from "./job-table.js";
import { RunHistory } from "./run-history.js";
import { useLiveJobs } from "./use-live-jobs.js";

const stateChoices = [
  { value: "", label: "All but deleted" },
  { value: String(JobState.SCHEDULED), label: "Scheduled" },
  { value: String(JobState.RUNNING), label: "Running" },
  { value: String(JobState.PAUSED), label: "Paused" },
  { value: String(JobState.DELETED), label: "Deleted" },
];

/** The jobs of this service, and what ran lately. */
export function JobsPage() {
  const { service } = useSession();
  const [state, setState] = useFilter("state");
  const [search, setSearch] = useFilter("search");
  const [failing, setFailing] = useFilter("failing");
  const [typed] = useDebouncedValue(search, 250);
  const pages = usePages(`${state} ${typed} ${failing}`);
  const list = useRead(
    JobService.method.listJobs,
    {
      states: stateChoices
        .filter(({ value }) => value !== "" && value === state)
        .map(({ value }) => Number(value)),
      search: typed,
      failing: failing !== "",
      pageToken: pages.token,
    },
    { placeholderData: keepPreviousData },
  );
  const live = useLiveJobs();
  return (
    <div className="stack">
      <PageHead
        title="Jobs"
        about={`What the worker of ${service} does by itself, and when. Schedules belong to people: a restart changes nothing here.`}
      >
        <LiveBadge state={live.state} />
      </PageHead>
      <div className="filters">
        <TextInput
          className="grow"
          label="Search jobs"
          value={search}
          maxLength={100}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <NativeSelect
          label="State"
          data={stateChoices}
          value={state}
          onChange={(event) => setState(event.currentTarget.value)}
        />
        <Switch
          label="Only failing"
          mb={8}
          checked={failing !== ""}
          onChange={(event) =>
            setFailing(event.currentTarget.checked ? "1" : "")
          }
        />
      </div>
      <div className="card flush">
        {list.isError && (
          <Failure
            error={list.error}
            what="The jobs could not be read"
            onRetry={() => void list.refetch()}
          />
        )}
        {list.isPending && <Loading what="the jobs" />}
        {list.data?.jobs.length === 0 && (
          <Empty title="No such jobs">
            {list.data.total === 0 && state === "" && search === ""
              ? "A worker brings its jobs when it starts."
              : "Another filter may show some."}
          </Empty>
        )}
        {list.data && list.data.jobs.length > 0 && (
          <JobTable
            jobs={list.data.jobs.map((job) => live.jobs.get(job.name) ?? job)}
          />
        )}
      </div>
      <Pager sortedBy="name" {...pages.pager(list.data?.nextPageToken)} />
      <RunHistory />
    </div>
  );
}
