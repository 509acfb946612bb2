import { Link, useLocation } from "react-router";

const pages = [
  ["/", "Overview"],
  ["/calls", "Calls"],
  ["/heartbeats", "Heartbeats"],
  ["/jobs", "Jobs"],
  ["/try", "Try it"],
  ["/users", "Users"],
  ["/audit", "Audit log"],
] as const;

/** Links to the pages. */
export function Navigation({ isOpen }: { isOpen: boolean }) {
  const { pathname } = useLocation();
  // A run is a part of its job.
  const [, current] = pathname.replace(/^\/runs\//, "/jobs/").split("/");
  return (
    <nav id="navigation" className="nav" data-open={isOpen} aria-label="Pages">
      {pages.map(([path, label]) => (
        <Link
          key={path}
          to={path}
          aria-current={path === `/${current}` ? "page" : undefined}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
