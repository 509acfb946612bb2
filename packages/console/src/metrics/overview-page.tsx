import type { ProcessSnapshot } from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import { useMemo } from "react";
import { PageHead } from "../layout/page-head.js";
import { LiveBadge } from "../live/live-badge.js";
import { useSession } from "../session/use-session.js";
import { Loading } from "../show/loading.js";
import { awaySince } from "./away-since.js";
import { CallPlots } from "./call-plots.js";
import { FailureList } from "./failure-list.js";
import { plotCalls, summedSnapshot } from "./plot-series.js";
import { ProcessCard } from "./process-card.js";
import { recentFailures } from "./recent-failures.js";
import { useMetrics } from "./use-metrics.js";

/** What this service's processes do now. */
export function OverviewPage() {
  const { service } = useSession();
  const { snapshots, state } = useMetrics();
  const sums = useMemo(() => snapshots.map(summedSnapshot), [snapshots]);
  const plots = useMemo(() => plotCalls(sums), [sums]);
  const failures = useMemo(() => recentFailures(snapshots), [snapshots]);
  const newest = snapshots.at(-1);
  const span = (sums.at(-1)?.time ?? 0) - (sums[0]?.time ?? 0);
  return (
    <div className="stack">
      <PageHead
        title="Overview"
        about={
          service === "edge"
            ? "The calls of the whole system, as its processes count them: the server side is what was done, the client side what the caller felt."
            : `The calls of ${service} and its worker: the server side is what was done, the client side what they felt of others. The console of edge shows all processes.`
        }
      >
        <LiveBadge state={state} />
      </PageHead>
      {newest === undefined ? (
        <Loading what="what the processes measured" />
      ) : (
        <>
          <div className="cards">
            {inRows(newest.processes).map((process) => (
              <ProcessCard
                key={`${process.service} ${process.role}`}
                process={process}
                awaySince={awaySince(snapshots, process)}
              />
            ))}
          </div>
          <CallPlots plots={plots} />
          <FailureList
            failures={failures}
            minutes={Math.max(1, Math.round(span / 60))}
          />
        </>
      )}
    </div>
  );
}

/** The servers, then the workers, so that those of a service stand in a column. */
function inRows(processes: readonly ProcessSnapshot[]): ProcessSnapshot[] {
  return [...processes].sort(
    (a, b) => a.role - b.role || a.service.localeCompare(b.service),
  );
}
