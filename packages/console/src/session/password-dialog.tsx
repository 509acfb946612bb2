import { Button, Modal, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Failure } from "../show/failure.js";
import { authClient } from "./use-session.js";

/** Lets people change their own password. */
export function PasswordDialog({ onClose }: { onClose(): void }) {
  const [currentPassword, setCurrent] = useState("");
  const [newPassword, setNew] = useState("");
  const change = useMutation({
    mutationFn: () =>
      authClient.changePassword({ currentPassword, newPassword }),
  });
  return (
    <Modal opened onClose={onClose} title="Change your password">
      {change.isSuccess ? (
        <div className="stack">
          <output className="note good">
            Your password is changed. Your other sessions have ended.
          </output>
          <Button onClick={onClose}>Close</Button>
        </div>
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate();
          }}
        >
          {change.isError && (
            <Failure error={change.error} what="Not changed" />
          )}
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            value={currentPassword}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            required
          />
          <PasswordInput
            label="New password"
            description="At least 12 characters"
            autoComplete="new-password"
            minLength={12}
            value={newPassword}
            onChange={(event) => setNew(event.currentTarget.value)}
            required
          />
          <Button type="submit" loading={change.isPending}>
            Change password
          </Button>
        </form>
      )}
    </Modal>
  );
}
