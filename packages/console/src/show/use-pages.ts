import { useState } from "react";
import type { PagerProps } from "./pager.js";

/** Where a list is, page by page. */
export interface Pages {
  /** The token of the page to read. */
  readonly token: string;
  /** Makes what a Pager needs, from the token of the page that follows. */
  pager(nextToken: string | undefined): PagerProps;
}

/**
 * Walks a list whose pages are named by tokens.
 *
 * @param filter What the list is filtered by: another one begins at the front.
 */
export function usePages(filter: string): Pages {
  const [state, setState] = useState({ filter, tokens: [""] });
  const tokens = state.filter === filter ? state.tokens : [""];
  const go = (to: string[]) => setState({ filter, tokens: to });
  return {
    token: tokens.at(-1) ?? "",
    pager: (nextToken) => ({
      page: tokens.length,
      next: nextToken ? () => go([...tokens, nextToken]) : undefined,
      previous: tokens.length > 1 ? () => go(tokens.slice(0, -1)) : undefined,
    }),
  };
}
