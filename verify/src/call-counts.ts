import type { Registry } from "prom-client";

/** The sums over all methods of one side. */
export interface CallCounts {
  readonly started: number;
  readonly handled: number;
  readonly inFlight: number;
}

/** Adds up what a registry has counted on a side. */
export async function countCalls(
  registry: Registry,
  side: "server" | "client",
): Promise<CallCounts> {
  const sum = async (suffix: string) => {
    const metric = registry.getSingleMetric(`grpc_${side}_${suffix}`);
    const values = (await metric?.get())?.values ?? [];
    return values.reduce((total, { value }) => total + value, 0);
  };
  return {
    started: await sum("started_total"),
    handled: await sum("handled_total"),
    inFlight: await sum("in_flight"),
  };
}
