import { NavLink } from "react-router";

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
  return (
    <nav id="navigation" className="nav" data-open={isOpen} aria-label="Pages">
      {pages.map(([path, label]) => (
        <NavLink key={path} to={path} end={path === "/"}>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
