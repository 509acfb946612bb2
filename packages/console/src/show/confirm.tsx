import { Button, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { Failure } from "./failure.js";

/** What {@link Confirm} is given. */
export interface ConfirmProps {
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** The word on the button. */
  action: string;
  isPending: boolean;
  error: unknown;
  onConfirm(): void;
  onClose(): void;
}

/** Asks before something that cannot be taken back. */
export function Confirm(props: ConfirmProps) {
  const { title, children, action, isPending, error, onConfirm, onClose } =
    props;
  return (
    <Modal opened onClose={onClose} title={title}>
      <div className="stack">
        <div>{children}</div>
        {error !== null && error !== undefined && (
          <Failure error={error} what="Not done" />
        )}
        <div className="row">
          <Button color="red.9" loading={isPending} onClick={onConfirm}>
            {action}
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </div>
    </Modal>
  );
}
