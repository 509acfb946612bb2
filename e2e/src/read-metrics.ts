/** A sample of an exposition: its name, its labels, its value. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Reads the samples of a metrics port. */
export async function readMetrics(address: string): Promise<Sample[]> {
  const res = await fetch(`http://${address}/metrics`);
  const text = await res.text();
  return text.split("\n").flatMap((line) => {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match === null) {
      return [];
    }
    const [, name = "", list = "", value] = match;
    const labels = Object.fromEntries(
      [...list.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
        ([, label, text]) => [label, text],
      ),
    );
    return [{ name, labels, value: Number(value) }];
  });
}

/** The sum of the samples that have this name and these labels. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Record<string, string> = {},
): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) =>
      Object.entries(labels).every(
        ([key, value]) => sample.labels[key] === value,
      ),
    )
    .reduce((sum, sample) => sum + sample.value, 0);
}

/** The samples of `grpc_*_handled_total` by method and code, but for health. */
export function handledByCode(
  samples: readonly Sample[],
  side: "server" | "client",
): Record<string, number> {
  const handled: Record<string, number> = {};
  for (const { name, labels, value } of samples) {
    const { grpc_service = "", grpc_method, grpc_code } = labels;
    if (
      name === `grpc_${side}_handled_total` &&
      !grpc_service.startsWith("grpc.")
    ) {
      handled[`${grpc_method} ${grpc_code}`] = value;
    }
  }
  return handled;
}
