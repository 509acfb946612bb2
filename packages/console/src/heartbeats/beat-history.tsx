import { HeartbeatService } from "@both-ends/gen/heartbeat/v1/heartbeat_service_pb.js";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { NativeSelect } from "@mantine/core";
import { keepPreviousData, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Empty } from "../show/empty.js";
import { Failure } from "../show/failure.js";
import { formatDuration } from "../show/format.js";
import { Loading } from "../show/loading.js";
import { Moment } from "../show/moment.js";
import { Pager } from "../show/pager.js";
import { ReadAgain } from "../show/read-again.js";
import { useFilter } from "../show/use-filter.js";
import { usePages } from "../show/use-pages.js";
import { useRead } from "../show/use-read.js";
import { DateHierarchy, type DateRange } from "./date-hierarchy.js";

/** The beats of one service or of all, by date. */
export function BeatHistory({ services }: { services: readonly string[] }) {
  const [service, setService] = useFilter("service");
  const [range, setRange] = useState<DateRange>({});
  const queries = useQueryClient();
  const serviceNames = service === "" ? [] : [service];
  const bounds = {
    from:
      range.fromMs === undefined ? undefined : timestampFromMs(range.fromMs),
    to: range.toMs === undefined ? undefined : timestampFromMs(range.toMs),
  };
  const pages = usePages(`${service} ${range.fromMs} ${range.toMs}`);
  const list = useRead(
    HeartbeatService.method.listHeartbeats,
    {
      filter: { serviceNames },
      ...bounds,
      pageSize: 20,
      pageToken: pages.token,
    },
    { placeholderData: keepPreviousData },
  );
  return (
    <section className="card stack" aria-label="History">
      <div className="row spread">
        <div>
          <h2>History</h2>
          <p className="what">
            Every beat of the last days, as it was when it was read.
          </p>
        </div>
        <div className="row">
          <NativeSelect
            aria-label="History of"
            data={[{ value: "", label: "All services" }, ...services]}
            value={service}
            onChange={(event) => setService(event.currentTarget.value)}
          />
          <ReadAgain
            isPending={list.isPending}
            read={() => queries.refetchQueries({ type: "active" })}
          />
        </div>
      </div>
      <div className="pair">
        <div className="stack">
          {list.isError && (
            <Failure
              error={list.error}
              what="The beats could not be read"
              onRetry={() => void list.refetch()}
            />
          )}
          {list.isPending && <Loading what="the beats" />}
          {list.data?.beats.length === 0 && <Empty title="No beats here" />}
          {list.data && list.data.beats.length > 0 && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
            <section className="scroll" tabIndex={0} aria-label="Beats">
              <table className="list stacks brief">
                <thead>
                  <tr>
                    <th>Arrived</th>
                    <th>Service</th>
                    <th className="num">Interval</th>
                    <th>Sent by</th>
                  </tr>
                </thead>
                <tbody>
                  {list.data.beats.map((beat) => (
                    <tr
                      key={`${beat.serviceName} ${beat.time?.seconds} ${beat.time?.nanos}`}
                    >
                      <td>
                        <Moment at={beat.time} />
                      </td>
                      <td data-label="Service">{beat.serviceName}</td>
                      <td data-label="Interval" className="num">
                        {formatDuration(beat.interval)}
                      </td>
                      <td data-label="Sent by" className="mono">
                        {beat.instanceId || "–"}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          )}
          <Pager {...pages.pager(list.data?.nextPageToken)} />
        </div>
        <DateHierarchy
          serviceNames={serviceNames}
          range={range}
          onChange={setRange}
        />
      </div>
    </section>
  );
}
