import { Button, Menu } from "@mantine/core";
import { useLocation } from "react-router";
import { consoleUrl } from "../base-url.js";
import { useSession } from "../session/use-session.js";

/** Names the service of this console, and leads to the same page of the others. */
export function ConsoleSwitcher() {
  const { service, consoles } = useSession();
  const { pathname } = useLocation();
  const [, page = ""] = pathname.split("/");
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          variant="default"
          size="compact-md"
          aria-label={`Service ${service}, switch`}
        >
          {service}&nbsp;▾
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Consoles of the system</Menu.Label>
        {consoles.map((other) => (
          <Menu.Item
            key={other.service}
            component="a"
            href={consoleUrl(other.port, `/${page === "runs" ? "jobs" : page}`)}
            disabled={other.service === service}
          >
            {other.service}
            {other.service === service ? " (here)" : ""}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
