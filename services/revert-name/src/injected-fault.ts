import { Code, ConnectError } from "@connectrpc/connect";
import { codeFromString } from "@connectrpc/connect/protocol-connect";

/**
 * Throws the fault that a name asks for; does nothing for any other name.
 *
 * - `key_error`: an unexpected exception inside the handler.
 * - `exception`: a thrown plain error.
 * - the name of a gRPC status in any case, both `cancelled` and `canceled`: an
 *   error of that code. `ok` is no fault.
 */
export function injectFault(name: string): void {
  const lower = name.toLowerCase();
  if (lower === "key_error") {
    const names = new Map<string, { length: number }>();
    // The missing check is the fault.
    (names.get(name) as { length: number }).length;
  }
  if (lower === "exception") {
    throw new Error("help");
  }
  const code = lower === "cancelled" ? Code.Canceled : codeFromString(lower);
  if (code !== undefined) {
    throw new ConnectError(`injected fault ${lower}`, code);
  }
}
