import { Button } from "@mantine/core";

/** What {@link Pager} is given; see usePages. */
export interface PagerProps {
  /** From 1. */
  page: number;
  next: (() => void) | undefined;
  previous: (() => void) | undefined;
  /** What the list is sorted by. By default, time: the newest first. */
  sortedBy?: "time" | "name";
  children?: string;
}

/** Leads from one page of a list to the next. Nothing where one page is all. */
export function Pager(props: PagerProps) {
  const { page, next, previous, sortedBy = "time", children } = props;
  if (next === undefined && previous === undefined && !children) {
    return null;
  }
  return (
    <nav className="row spread" aria-label="Pages of the list">
      <span className="dim small">{children}</span>
      <span className="row">
        <Button
          variant="default"
          size="xs"
          disabled={previous === undefined}
          onClick={previous}
        >
          {sortedBy === "time" ? "Newer" : "Previous"}
        </Button>
        <span className="small">Page {page}</span>
        <Button
          variant="default"
          size="xs"
          disabled={next === undefined}
          onClick={next}
        >
          {sortedBy === "time" ? "Older" : "Next"}
        </Button>
      </span>
    </nav>
  );
}
