import type { ReactNode } from "react";

/** Says that there is nothing, and why, or what to do about it. */
export function Empty({
  title,
  children,
}: {
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}
