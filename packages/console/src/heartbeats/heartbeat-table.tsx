import type { ServiceHeartbeat } from "@both-ends/gen/heartbeat/v1/heartbeat_pb.js";
import { Link } from "react-router";
import { useSession } from "../session/use-session.js";
import { formatCount, formatDuration } from "../show/format.js";
import { Moment } from "../show/moment.js";
import { ForgetButton } from "./forget-button.js";
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
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
    <section className="scroll" tabIndex={0} aria-label="Services">
      <table className="list">
        <thead>
          <tr>
            <th>Service</th>
            <th>State</th>
            <th>Last beat</th>
            <th>Interval</th>
            <th style={{ minWidth: 180 }}>Last 10 minutes</th>
            <th className="num">Beats</th>
            <th>Last sent by</th>
            {isOperator && <th>For operators</th>}
          </tr>
        </thead>
        <tbody>
          {services.map((service) => (
            <tr key={service.serviceName}>
              <td>
                <Link
                  to={`/heartbeats?service=${encodeURIComponent(service.serviceName)}`}
                  title="Its history"
                >
                  {service.serviceName}
                </Link>
              </td>
              <td>
                <StateBadge state={service.state} />
              </td>
              <td>
                <Moment at={service.lastSeen} relative />
              </td>
              <td>
                {formatDuration(service.interval)}
                <ScheduleLink service={service.serviceName} />
              </td>
              <td>
                <Timeline beats={beats.get(service.serviceName) ?? []} />
              </td>
              <td className="num">{formatCount(service.beats)}</td>
              <td className="mono">{service.instanceId || "–"}</td>
              {isOperator && (
                <td>
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
