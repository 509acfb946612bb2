import { Role } from "@both-ends/gen/admin/v1/access_pb.js";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Button, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { CopyLine } from "../show/copy-line.js";
import { Failure } from "../show/failure.js";
import { roleChoices } from "./role-names.js";
import { tokenClient } from "./user-client.js";

/** What {@link AddToken} is given. */
export interface AddTokenProps {
  onAdded(): void;
  onClose(): void;
}

const days = ["1", "7", "30", "90", "365"].map((value) => ({
  value,
  label: value === "1" ? "1 day" : `${value} days`,
}));

/** Makes an API token, whose secret is shown once. */
export function AddToken({ onAdded, onClose }: AddTokenProps) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>(Role.VIEWER);
  const [lifetime, setLifetime] = useState("30");
  const add = useMutation({
    mutationFn: () =>
      tokenClient.createToken({
        name,
        role,
        lifetime: durationFromMs(Number(lifetime) * 86_400_000),
      }),
    onSuccess: onAdded,
  });
  return (
    <Modal opened onClose={onClose} title="Make an API token">
      {add.isSuccess ? (
        <div className="stack">
          <output className="note good">
            The secret is shown only now: keep it where secrets are kept.
          </output>
          <CopyLine label="Secret" text={add.data.secret} />
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
          {add.isError && <Failure error={add.error} what="Not made" />}
          <TextInput
            label="What it is for"
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.currentTarget.value)}
            required
            data-autofocus
          />
          <NativeSelect
            label="Role"
            data={roleChoices}
            value={String(role)}
            onChange={(event) => setRole(Number(event.currentTarget.value))}
          />
          <NativeSelect
            label="Good for"
            data={days}
            value={lifetime}
            onChange={(event) => setLifetime(event.currentTarget.value)}
          />
          <Button type="submit" loading={add.isPending}>
            Make
          </Button>
        </form>
      )}
    </Modal>
  );
}
