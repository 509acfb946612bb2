import "@mantine/core/styles.css";
import "./app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";

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
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
