import {
  type Compression,
  compressionNegotiate,
} from "@connectrpc/connect/protocol";

/** Finds the compression of a response to what its caller accepts. */
export type Negotiate = (accepted: string) => Compression | undefined;

/** Callers choose the value, so that not all are remembered. */
const maxRemembered = 256;

/**
 * Chooses as connect-es does for a request that is not compressed, and
 * remembers it: clients say the same with each call.
 */
export function createNegotiation(available: Compression[]): Negotiate {
  const chosen = new Map<string, Compression | undefined>();
  return (accepted) => {
    if (chosen.has(accepted)) {
      return chosen.get(accepted);
    }
    const { response } = compressionNegotiate(available, null, accepted, "");
    if (chosen.size < maxRemembered) {
      chosen.set(accepted, response ?? undefined);
    }
    return response ?? undefined;
  };
}
