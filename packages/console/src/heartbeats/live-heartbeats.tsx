import { HeartbeatState } from "@both-ends/gen/heartbeat/v1/heartbeat_pb.js";
import { NativeSelect, TextInput } from "@mantine/core";
import { PageHead } from "../layout/page-head.js";
import { LiveBadge } from "../live/live-badge.js";
import { Empty } from "../show/empty.js";
import { Failure } from "../show/failure.js";
import { Loading } from "../show/loading.js";
import { useFilter } from "../show/use-filter.js";
import { BeatHistory } from "./beat-history.js";
import { HeartbeatTable } from "./heartbeat-table.js";
import { useLiveHeartbeats } from "./use-live-heartbeats.js";

const stateChoices = [
  { value: "", label: "Any" },
  { value: String(HeartbeatState.ALIVE), label: "Alive" },
  { value: String(HeartbeatState.LATE), label: "Late" },
  { value: String(HeartbeatState.DOWN), label: "Down" },
];

/** The heartbeats of all services, and their history. */
export function LiveHeartbeats() {
  const [wanted, setWanted] = useFilter("state");
  const [search, setSearch] = useFilter("search");
  const { services, beats, state } = useLiveHeartbeats();
  const shown = services?.filter(
    (service) =>
      service.serviceName.includes(search.toLowerCase()) &&
      (wanted === "" || String(service.state) === wanted),
  );
  return (
    <div className="stack">
      <PageHead
        title="Heartbeats"
        about="Each worker beats at its interval. A service is late after two intervals without a beat, and down after four."
      >
        <LiveBadge state={state} />
      </PageHead>
      <div className="filters">
        <TextInput
          className="grow"
          label="Search services"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <NativeSelect
          label="State"
          data={stateChoices}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
      </div>
      <div className="card flush">
        {services === undefined &&
          (state.kind === "reconnecting" || state.kind === "refused" ? (
            <Failure
              error={new Error(state.reason)}
              what="The heartbeats could not be read"
            />
          ) : (
            <Loading what="the heartbeats" />
          ))}
        {services?.length === 0 && (
          <Empty title="No service has beaten yet">
            A worker beats some seconds after its start.
          </Empty>
        )}
        {services && services.length > 0 && shown?.length === 0 && (
          <Empty title="No such services">Another filter may show some.</Empty>
        )}
        {shown && shown.length > 0 && (
          <HeartbeatTable services={shown.slice(0, 200)} beats={beats} />
        )}
        {shown && shown.length > 200 && (
          <p className="dim small" style={{ padding: "0 12px" }}>
            The first 200 of {shown.length}: search for others.
          </p>
        )}
      </div>
      <BeatHistory services={services?.map((s) => s.serviceName) ?? []} />
    </div>
  );
}
