import type { ServiceHeartbeat } from "@both-ends/gen/heartbeat/v1/heartbeat_pb.js";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Confirm } from "../show/confirm.js";
import { useNow } from "../show/use-now.js";
import { heartbeatAdminClient } from "./heartbeat-client.js";

/** Whether a service has been silent for the hour that it takes. */
export function canBeForgotten(
  { lastSeen }: ServiceHeartbeat,
  now: number,
): boolean {
  return lastSeen !== undefined && now - timestampMs(lastSeen) >= 3_600_000;
}

/** Forgets a service; only one that has been silent for an hour. */
export function ForgetButton({ service }: { service: ServiceHeartbeat }) {
  const now = useNow(60_000);
  const [asks, setAsks] = useState(false);
  const { serviceName } = service;
  const forget = useMutation({
    mutationFn: () => heartbeatAdminClient.forgetService({ serviceName }),
    onSuccess: () => setAsks(false),
  });
  if (!canBeForgotten(service, now)) {
    return <span className="dim">–</span>;
  }
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setAsks(true)}>
        Forget …
      </Button>
      {asks && (
        <Confirm
          title={`Forget ${serviceName}?`}
          action="Forget"
          isPending={forget.isPending}
          error={forget.error}
          onConfirm={() => forget.mutate()}
          onClose={() => setAsks(false)}
        >
          Its state is removed; its history stays until it is pruned. It comes
          back with its next beat.
        </Confirm>
      )}
    </>
  );
}
