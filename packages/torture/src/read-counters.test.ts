/** A sample of a metrics page. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Reads the `grpc_*` samples of a metrics page, but those of health checks. */
export async function readSamples(url: string): Promise<Sample[]> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  const text = await answer.text();
  return text.split("\n").flatMap((line) => {
    const [, name, list = "", value] =
      /^(grpc_\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (name === undefined) {
      return [];
    }
    const labels = Object.fromEntries(
      [...list.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [
        key,
        text,
      ]),
    );
    return labels.grpc_service?.startsWith("grpc.")
      ? []
      : [{ name, labels, value: Number(value) }];
  });
}
