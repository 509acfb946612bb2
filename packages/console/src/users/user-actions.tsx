import { Role } from "@both-ends/gen/admin/v1/access_pb.js";
import type { User } from "@both-ends/gen/admin/v1/user_service_pb.js";
import { Button, Menu, Modal } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Confirm } from "../show/confirm.js";
import { CopyLine } from "../show/copy-line.js";
import { userClient } from "./user-client.js";

type Action = "role" | "password" | "logout" | "delete";

/** What {@link UserActions} is given. */
export interface UserActionsProps {
  user: User;
  onChange(): void;
}

/** What operators may do with a user; each is asked for once more. */
export function UserActions({ user, onChange }: UserActionsProps) {
  const { username } = user;
  const [asked, setAsked] = useState<Action>();
  const other = user.role === Role.OPERATOR ? Role.VIEWER : Role.OPERATOR;
  const otherName = other === Role.OPERATOR ? "an operator" : "a viewer";
  const act = useMutation({
    async mutationFn(action: Action) {
      switch (action) {
        case "role":
          await userClient.changeRole({ username, role: other });
          return "";
        case "password":
          return (await userClient.resetPassword({ username })).password;
        case "logout":
          await userClient.logoutUser({ username });
          return "";
        case "delete":
          await userClient.deleteUser({ username });
          return "";
      }
    },
    onSuccess() {
      setAsked(undefined);
      onChange();
    },
  });
  const texts: Record<Action, [string, string, string]> = {
    role: [
      `Make ${username} ${otherName}?`,
      `Make ${otherName}`,
      "It holds from their next call on.",
    ],
    password: [
      `Give ${username} another password?`,
      "Make a password",
      "Their sessions end. Their API tokens stay.",
    ],
    logout: [
      `Log ${username} out everywhere?`,
      "Log out",
      "Their sessions end. Their API tokens stay.",
    ],
    delete: [
      `Delete ${username}?`,
      "Delete",
      "Their sessions and API tokens end too. This cannot be taken back.",
    ],
  };
  const ask = (action: Action) => {
    act.reset();
    setAsked(action);
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`Change ${username}`}
          >
            Change&nbsp;▾
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => ask("role")}>Make {otherName} …</Menu.Item>
          <Menu.Item onClick={() => ask("password")}>New password …</Menu.Item>
          <Menu.Item onClick={() => ask("logout")}>Log out …</Menu.Item>
          <Menu.Item onClick={() => ask("delete")}>Delete …</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asked && (
        <Confirm
          title={texts[asked][0]}
          action={texts[asked][1]}
          isPending={act.isPending}
          error={act.error}
          onConfirm={() => act.mutate(asked)}
          onClose={() => setAsked(undefined)}
        >
          {texts[asked][2]}
        </Confirm>
      )}
      {act.data && (
        <Modal
          opened
          onClose={() => act.reset()}
          title={`New password of ${username}`}
        >
          <CopyLine label="Shown only now" text={act.data} />
        </Modal>
      )}
    </>
  );
}
