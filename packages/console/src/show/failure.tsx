import { Code, ConnectError } from "@connectrpc/connect";
import { Button } from "@mantine/core";

/** What {@link Failure} is given. */
export interface FailureProps {
  error: unknown;
  /** What did not happen. */
  what: string;
  onRetry?: () => void;
}

/** Says that something failed, why, and offers to try again. */
export function Failure({ error, what, onRetry }: FailureProps) {
  const { code, rawMessage } = ConnectError.from(error);
  return (
    <div className="note bad" role="alert">
      <strong>{what}</strong>
      <span className="wrap-any">
        {rawMessage} <span className="dim">({Code[code]})</span>
      </span>
      {onRetry && (
        <div>
          <Button variant="default" size="xs" mt={8} onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}
