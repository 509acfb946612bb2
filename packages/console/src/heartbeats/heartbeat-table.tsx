import {
  HeartbeatState,
  type ServiceHeartbeat,
} from "@both-ends/gen/heartbeat/v1/heartbeat_pb.js";
import { Link } from "react-router";
import { useSession } from "../session/use-session.js";
import { formatCount, formatDuration } from "../show/format.js";
import { Moment } from "../show/moment.js";
import { useNow } from "../show/use-now.js";
import { canBeForgotten, ForgetButton } from "./forget-button.js";
import { ScheduleLink } from "./schedule-link.js";
import { StateBadge } from "./state-badge.js";
import { Timeline } from "./timeline.js";
import type { LiveHeartbeats } from "./use-live-heartbeats.js";

/** What {@link HeartbeatTable} is given. */
export interface HeartbeatTableProps {
  services: readonly ServiceHeartbeat[];
  beats: LiveHeartbeats["beats"];
}

/** One row for each service: its state, its last beat, its timeline. */
export function HeartbeatTable({ services, beats }: HeartbeatTableProps) {
  const { isOperator } = useSession();
  const now = useNow(60_000);
  const hasSilent =
    isOperator && services.some((service) => canBeForgotten(service, now));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
    <section className="scroll" tabIndex={0} aria-label="Services">
      <table className="list stacks">
        <thead>
          <tr>
            <th>Service</th>
            <th>State</th>
            <th>Last beat</th>
            <th>Interval</th>
            <th style={{ minWidth: 180 }}>Last 10 minutes</th>
            <th className="num">Beats</th>
            <th>Last sent by</th>
            {hasSilent && <th>For operators</th>}
          </tr>
        </thead>
        <tbody>
          {services.map((service) => (
            <tr key={service.serviceName}>
              <td className="one-line">
                <Link
                  to={`/heartbeats?service=${encodeURIComponent(service.serviceName)}`}
                  title="Its history"
                >
                  {service.serviceName}
                </Link>
              </td>
              <td data-label="State">
                <StateBadge state={service.state} />
              </td>
              <td data-label="Last beat">
                <Moment at={service.lastSeen} relative />
                {service.state !== HeartbeatState.ALIVE && (
                  <div className="small bad-text">
                    silent since <Moment at={service.lastSeen} />
                  </div>
                )}
              </td>
              <td data-label="Interval">
                {formatDuration(service.interval)}
                <ScheduleLink service={service.serviceName} />
              </td>
              <td data-label="10 minutes">
                <Timeline beats={beats.get(service.serviceName) ?? []} />
              </td>
              <td data-label="Beats" className="num">
                {formatCount(service.beats)}
              </td>
              <td data-label="Sent by" className="mono">
                {service.instanceId || "–"}
              </td>
              {hasSilent && (
                <td data-label="Forget">
                  <ForgetButton service={service} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
