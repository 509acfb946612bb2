import {
  ProcessRole,
  type ProcessSnapshot,
} from "@both-ends/gen/admin/v1/live_metrics_service_pb.js";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { Link } from "react-router";
import { Badge } from "../show/badge.js";
import { formatMebibytes, formatSeconds, formatShare } from "../show/format.js";
import { Moment } from "../show/moment.js";

/** What {@link ProcessCard} is given. */
export interface ProcessCardProps {
  process: ProcessSnapshot;
  /** Since when it has not answered, if that was seen. */
  awaySince: Timestamp | undefined;
}

/** One process: whether it answers, and what it uses. */
export function ProcessCard({ process, awaySince }: ProcessCardProps) {
  const role = process.role === ProcessRole.WORKER ? "worker" : "server";
  return (
    <section className="card" aria-label={`${process.service} ${role}`}>
      <div className="row spread">
        <h2>
          {process.service} <span className="dim">{role}</span>
        </h2>
        <Badge
          tone={process.up ? "good" : "bad"}
          label={process.up ? "Up" : "Away"}
        />
      </div>
      {process.up ? (
        <p className="small dim process">
          <span>
            Started <Moment at={process.startedAt} relative none="–" />
          </span>
          <span title="Processor time used, as a share of one core">
            {formatShare(process.cpu)} of a core
          </span>
          <span title="Resident memory">
            {formatMebibytes(process.memoryBytes)}
          </span>
          <span title="99th percentile of the delay of the event loop. Good: below 50 ms">
            loop delay {formatSeconds(process.eventLoopLagSeconds)}
          </span>
        </p>
      ) : (
        <p className="small wrap-any">
          <span className="bad-text">{process.reason}</span>
          {awaySince && (
            <>
              {" · since "}
              <Moment at={awaySince} />
            </>
          )}
          {role === "worker" && (
            <>
              {" · "}
              <Link to="/heartbeats">its last heartbeats</Link>
            </>
          )}
        </p>
      )}
    </section>
  );
}
