import "@mantine/core/styles.css";
import "./app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import { loadPageOf } from "./lazy-pages.js";
import { sessionQuery } from "./session/use-session.js";
import { queryClient } from "./transport.js";

// The files of a page that was built anew are gone: the new page has others. Not
// twice in a row, for it may be that the server is away.
const reloadedKey = "reloaded-for-new-files";
window.addEventListener("vite:preloadError", () => {
  const last = Number(sessionStorage.getItem(reloadedKey));
  if (Date.now() - last > 10_000) {
    sessionStorage.setItem(reloadedKey, String(Date.now()));
    window.location.reload();
  }
});

const root = document.getElementById("root");
if (root === null) {
  throw new Error("the page has no element root");
}
// By then it is better to show that something is being read.
const longestBlankMs = 250;
const timeout = new Promise((resolve) => setTimeout(resolve, longestBlankMs));
void Promise.race([readFirst(), timeout]).then(() => {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
});

/** Reads who is logged in and, for somebody who is, the page: both at once. */
async function readFirst(): Promise<void> {
  const page = loadPageOf(window.location.hash);
  await queryClient.prefetchQuery(sessionQuery);
  if (queryClient.getQueryData(sessionQuery.queryKey)) {
    await page;
  }
}
