import { Role } from "@both-ends/gen/admin/v1/access_pb.js";
import { Button, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { CopyLine } from "../show/copy-line.js";
import { Failure } from "../show/failure.js";
import { roleChoices } from "./role-names.js";
import { userClient } from "./user-client.js";

/** What {@link AddUser} is given. */
export interface AddUserProps {
  onAdded(): void;
  onClose(): void;
}

/** Adds a user, with a password that is made by the server and shown once. */
export function AddUser({ onAdded, onClose }: AddUserProps) {
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>(Role.VIEWER);
  const add = useMutation({
    mutationFn: () => userClient.createUser({ username, role }),
    onSuccess: onAdded,
  });
  return (
    <Modal opened onClose={onClose} title="Add a user">
      {add.isSuccess ? (
        <div className="stack">
          <output className="note good">
            {username} is added. The password is shown only now: hand it over,
            and have it changed.
          </output>
          <CopyLine label="Password" text={add.data.password} />
          <Button onClick={onClose}>Close</Button>
        </div>
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          {add.isError && <Failure error={add.error} what="Not added" />}
          <TextInput
            label="User name"
            description="Small letters, digits and . _ @ -"
            value={username}
            maxLength={64}
            pattern="[a-z0-9._@\-]+"
            onChange={(event) => setUsername(event.currentTarget.value)}
            required
            data-autofocus
          />
          <NativeSelect
            label="Role"
            data={roleChoices}
            value={String(role)}
            onChange={(event) => setRole(Number(event.currentTarget.value))}
          />
          <Button type="submit" loading={add.isPending}>
            Add
          </Button>
        </form>
      )}
    </Modal>
  );
}
