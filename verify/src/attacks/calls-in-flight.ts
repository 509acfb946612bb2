/** Reads from a server's metrics how many RPCs it has in flight. */
export async function readCallsInFlight(metricsPort: number): Promise<number> {
  const res = await fetch(`http://127.0.0.1:${metricsPort}/metrics`, {
    signal: AbortSignal.timeout(5_000),
    headers: { connection: "close" },
  });
  const text = await res.text();
  const samples = [...text.matchAll(/^grpc_server_in_flight\{.*\} (\d+)$/gm)];
  return samples.reduce((sum, [, value]) => sum + Number(value), 0);
}
