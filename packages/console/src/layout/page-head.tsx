import type { ReactNode } from "react";

/** What {@link PageHead} is given. */
export interface PageHeadProps {
  title: ReactNode;
  /** What the page shows, for who sees it for the first time. */
  about?: ReactNode;
  /** What can be done here, and how live it is. */
  children?: ReactNode;
}

/** The head of a page. */
export function PageHead({ title, about, children }: PageHeadProps) {
  return (
    <div className="head">
      <div>
        <h1>{title}</h1>
        {about && <p>{about}</p>}
      </div>
      {children && <div className="row">{children}</div>}
    </div>
  );
}
