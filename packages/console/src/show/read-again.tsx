import { Button } from "@mantine/core";
import { useState } from "react";

/** What {@link ReadAgain} is given. */
export interface ReadAgainProps {
  /** Whether the list is read for the first time, and cannot be read again. */
  isPending: boolean;
  read(): Promise<unknown>;
}

/** Reads a list again. Shows that it is read to whoever has asked for it. */
export function ReadAgain({ isPending, read }: ReadAgainProps) {
  const [isReading, setIsReading] = useState(false);
  return (
    <Button
      variant="default"
      disabled={isPending}
      loading={isReading}
      onClick={() => {
        setIsReading(true);
        void read().finally(() => setIsReading(false));
      }}
    >
      Read again
    </Button>
  );
}
