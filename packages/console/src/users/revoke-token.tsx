import type { Token } from "@both-ends/gen/admin/v1/token_service_pb.js";
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Confirm } from "../show/confirm.js";
import { tokenClient } from "./user-client.js";

/** What {@link RevokeToken} is given. */
export interface RevokeTokenProps {
  token: Token;
  onRevoked(): void;
}

/** Ends a token at once. */
export function RevokeToken({ token, onRevoked }: RevokeTokenProps) {
  const [asks, setAsks] = useState(false);
  const revoke = useMutation({
    mutationFn: () => tokenClient.revokeToken({ id: token.id }),
    onSuccess() {
      setAsks(false);
      onRevoked();
    },
  });
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Revoke ${token.name}`}
        onClick={() => setAsks(true)}
      >
        Revoke …
      </Button>
      {asks && (
        <Confirm
          title={`Revoke the token for ${token.name}?`}
          action="Revoke"
          isPending={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate()}
          onClose={() => setAsks(false)}
        >
          Programs that use it are refused at once.
        </Confirm>
      )}
    </>
  );
}
