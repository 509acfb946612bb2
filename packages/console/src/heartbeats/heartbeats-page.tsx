import { Anchor } from "@mantine/core";
import { consoleUrl } from "../base-url.js";
import { PageHead } from "../layout/page-head.js";
import { useSession } from "../session/use-session.js";
import { Empty } from "../show/empty.js";
import { LiveHeartbeats } from "./live-heartbeats.js";

/** Which services are alive. Edge alone keeps heartbeats. */
export function HeartbeatsPage() {
  const { service, consoles } = useSession();
  const edge = consoles.find((console) => console.service === "edge");
  if (service === "edge") {
    return <LiveHeartbeats />;
  }
  return (
    <div className="stack">
      <PageHead title="Heartbeats" />
      <div className="card">
        <Empty title="Edge keeps the heartbeats of all services">
          {edge && (
            <Anchor href={consoleUrl(edge.port, "/heartbeats")}>
              See them in its console
            </Anchor>
          )}
        </Empty>
      </div>
    </div>
  );
}
