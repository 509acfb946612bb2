import { PageHead } from "../layout/page-head.js";
import { TokenList } from "./token-list.js";
import { UserList } from "./user-list.js";

/** Who may log in, and which programs may call. */
export function UsersPage() {
  return (
    <div className="stack">
      <PageHead
        title="Users"
        about="All consoles share them. Viewers look at everything; operators also change it. Programs come with API tokens."
      />
      <UserList />
      <TokenList />
    </div>
  );
}
