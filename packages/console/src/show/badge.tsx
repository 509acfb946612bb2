/** How good a state is. */
export type Tone = "good" | "warn" | "bad" | "idle";

/** A state in a word; its colour says how good that is. */
export function Badge({ tone, label }: { tone: Tone; label: string }) {
  return <span className={`badge ${tone}`}>{label}</span>;
}
