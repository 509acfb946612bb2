import { Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { PasswordDialog } from "../session/password-dialog.js";
import {
  authClient,
  sessionQuery,
  useSession,
} from "../session/use-session.js";

/** What people may do with their own session and password. */
export function UserMenu() {
  const { username, isOperator } = useSession();
  const queries = useQueryClient();
  const [changesPassword, setChangesPassword] = useState(false);
  const leave = useMutation({
    mutationFn: async (everywhere: boolean) => {
      await (everywhere
        ? authClient.logoutEverywhere({})
        : authClient.logout({}));
    },
    // A reload forgets whatever the pages have read.
    onSuccess: () => window.location.reload(),
    onError: () =>
      void queries.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" maw={160}>
            {username}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {isOperator
              ? "Operator: may change everything"
              : "Viewer: may look"}
          </Menu.Label>
          <Menu.Item onClick={() => setChangesPassword(true)}>
            Change password
          </Menu.Item>
          <Menu.Item onClick={() => leave.mutate(false)}>Log out</Menu.Item>
          <Menu.Item onClick={() => leave.mutate(true)}>
            Log out everywhere
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {changesPassword && (
        <PasswordDialog onClose={() => setChangesPassword(false)} />
      )}
    </>
  );
}
