import { Anchor } from "@mantine/core";
import { consoleUrl } from "../base-url.js";
import { useSession } from "../session/use-session.js";

/** Leads to the job that beats for a service, in the console of that service. */
export function ScheduleLink({ service }: { service: string }) {
  const { consoles } = useSession();
  const own = consoles.find((console) => console.service === service);
  return own === undefined ? null : (
    <div className="small one-line">
      <Anchor size="sm" href={consoleUrl(own.port, "/jobs/send-heartbeat")}>
        change it
      </Anchor>
    </div>
  );
}
