import { AuditOutcome } from "@both-ends/gen/admin/v1/audit_pb.js";
import { AuditService } from "@both-ends/gen/admin/v1/audit_service_pb.js";
import { NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { PageHead } from "../layout/page-head.js";
import { useSession } from "../session/use-session.js";
import { Badge } from "../show/badge.js";
import { Empty } from "../show/empty.js";
import { Failure } from "../show/failure.js";
import { Loading } from "../show/loading.js";
import { Moment } from "../show/moment.js";
import { Pager } from "../show/pager.js";
import { useFilter } from "../show/use-filter.js";
import { usePages } from "../show/use-pages.js";
import { useRead } from "../show/use-read.js";
import { ChangedJson } from "./changed-json.js";

/** Who changed what, in all consoles. */
export function AuditPage() {
  const { consoles } = useSession();
  const [username, setUsername] = useFilter("user");
  const [service, setService] = useFilter("service");
  const [target, setTarget] = useFilter("target");
  const [filter] = useDebouncedValue(
    JSON.stringify({ username, service, target }),
    250,
  );
  const pages = usePages(filter);
  const list = useRead(
    AuditService.method.listAudit,
    { ...JSON.parse(filter), pageToken: pages.token },
    { placeholderData: keepPreviousData },
  );
  const entries = list.data?.entries ?? [];
  return (
    <div className="stack">
      <PageHead
        title="Audit log"
        about="Every change made in a console or with an API token: who, when, and what it was before and after. Nothing can be removed here."
      />
      <div className="filters">
        <TextInput
          label="User"
          value={username}
          maxLength={64}
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <NativeSelect
          label="Console"
          data={[
            { value: "", label: "All" },
            ...consoles.map((c) => c.service),
          ]}
          value={service}
          onChange={(event) => setService(event.currentTarget.value)}
        />
        <TextInput
          className="grow"
          label="Target"
          placeholder="job:send-heartbeat"
          value={target}
          maxLength={160}
          onChange={(event) => setTarget(event.currentTarget.value)}
        />
      </div>
      <div className="card flush">
        {list.isError && (
          <Failure
            error={list.error}
            what="The changes could not be read"
            onRetry={() => void list.refetch()}
          />
        )}
        {list.isPending && <Loading what="the changes" />}
        {list.isSuccess && entries.length === 0 && (
          <Empty title="No such changes">
            Names are matched whole: “admin”, “job:send-heartbeat”.
          </Empty>
        )}
        {entries.length > 0 && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
          <section className="scroll" tabIndex={0} aria-label="Changes">
            <table className="list stacks">
              <thead>
                <tr>
                  <th>When</th>
                  <th>Who</th>
                  <th style={{ minWidth: 190 }}>What</th>
                  <th>Before and after</th>
                  <th>Console</th>
                  <th>From</th>
                </tr>
              </thead>
              <tbody>
                {entries.map((entry) => (
                  <tr key={entry.id}>
                    <td>
                      <Moment at={entry.time} />
                    </td>
                    <td data-label="Who">
                      {entry.username || "the system"}
                      {entry.tokenId && (
                        <div className="dim small">with a token</div>
                      )}
                    </td>
                    <td data-label="What">
                      {entry.method.split("/")[1] ?? entry.method}
                      <div className="mono dim">{entry.target}</div>
                      {entry.outcome === AuditOutcome.UNKNOWN && (
                        <Badge tone="warn" label="Not known whether done" />
                      )}
                    </td>
                    <td data-label="Change">
                      <ChangedJson
                        before={entry.beforeJson}
                        after={entry.afterJson}
                      />
                    </td>
                    <td data-label="Console" className="one-line">
                      {entry.service}
                    </td>
                    <td
                      data-label="From"
                      className="mono address"
                      title={`request ${entry.requestId}`}
                    >
                      {entry.address}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
      </div>
      <Pager {...pages.pager(list.data?.nextPageToken)} />
    </div>
  );
}
