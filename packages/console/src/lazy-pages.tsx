import { type ComponentType, lazy, useState } from "react";

/** A page whose files are loaded when it is first shown, or before that. */
export interface LazyPage {
  readonly Page: ComponentType;
  /** Loads its files. Fails if they cannot be had. */
  load(): Promise<unknown>;
}

/** The pages of the console. */
export const pages = {
  overview: lazyPage(async () => {
    return (await import("./metrics/overview-page.js")).OverviewPage;
  }),
  calls: lazyPage(async () => {
    return (await import("./metrics/calls-page.js")).CallsPage;
  }),
  heartbeats: lazyPage(async () => {
    return (await import("./heartbeats/heartbeats-page.js")).HeartbeatsPage;
  }),
  jobs: lazyPage(async () => (await import("./jobs/jobs-page.js")).JobsPage),
  job: lazyPage(async () => (await import("./jobs/job-page.js")).JobPage),
  run: lazyPage(async () => (await import("./jobs/run-page.js")).RunPage),
  tryIt: lazyPage(async () => {
    return (await import("./call/try-it-page.js")).TryItPage;
  }),
  users: lazyPage(async () => {
    return (await import("./users/users-page.js")).UsersPage;
  }),
  audit: lazyPage(async () => {
    return (await import("./audit/audit-page.js")).AuditPage;
  }),
};

/** By the first part of a route, with a slash where there is a second. */
const pagesByRoute: Readonly<Record<string, LazyPage>> = {
  "": pages.overview,
  calls: pages.calls,
  heartbeats: pages.heartbeats,
  jobs: pages.jobs,
  "jobs/": pages.job,
  "runs/": pages.run,
  try: pages.tryIt,
  users: pages.users,
  audit: pages.audit,
};

/** Loads the page that a fragment such as `#/jobs` leads to. Never fails. */
export async function loadPageOf(fragment: string): Promise<void> {
  const [, first = "", slash = ""] = /^#\/([^/?]*)(\/?)/.exec(fragment) ?? [];
  try {
    await pagesByRoute[first + slash]?.load();
  } catch {
    // Whoever shows the page loads it again, and says why it fails.
  }
}

function lazyPage(find: () => Promise<ComponentType>): LazyPage {
  let loaded: ComponentType | undefined;
  const load = async () => {
    loaded = await find();
    return { default: loaded };
  };
  const Lazy = lazy(load);
  function Page() {
    // A page that is here is shown at once: React shows what it had to wait for
    // 300 ms late. What is shown once is not exchanged.
    const [Shown] = useState<ComponentType>(() => loaded ?? Lazy);
    return <Shown />;
  }
  return { Page, load };
}
