/** Says that something is being read. As high as a short list. */
export function Loading({ what }: { what: string }) {
  return (
    <output className="empty" aria-live="polite">
      Reading {what} …
    </output>
  );
}
