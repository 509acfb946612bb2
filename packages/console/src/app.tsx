import { TransportProvider } from "@connectrpc/connect-query";
import { createTheme, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { HashRouter, Navigate, Route, Routes } from "react-router";
import { Shell } from "./layout/shell.js";
import { pages } from "./lazy-pages.js";
import { SessionGate } from "./session/session-gate.js";
import { queryClient, transport } from "./transport.js";

const theme = createTheme({
  defaultRadius: "sm",
  respectReducedMotion: true,
  components: {
    // Colour alone does not tell a link from the text around it.
    Anchor: { defaultProps: { underline: "always" } },
    // What locks the scrolling writes a style element, which the policy of the
    // server forbids.
    Modal: { defaultProps: { lockScroll: false, centered: true } },
  },
});

/**
 * The console. Routes lie in the fragment: the pages then work below any path
 * that a proxy puts in front of them.
 */
export function App() {
  return (
    // The variables and classes of the theme come from style sheets: as style
    // elements they would need a policy that lets any inline style through.
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queryClient}>
        <TransportProvider transport={transport}>
          <HashRouter>
            <SessionGate>
              <Routes>
                <Route element={<Shell />}>
                  <Route index element={<pages.overview.Page />} />
                  <Route path="calls" element={<pages.calls.Page />} />
                  <Route
                    path="heartbeats"
                    element={<pages.heartbeats.Page />}
                  />
                  <Route path="jobs" element={<pages.jobs.Page />} />
                  <Route path="jobs/:name" element={<pages.job.Page />} />
                  <Route path="runs/:id" element={<pages.run.Page />} />
                  <Route path="try" element={<pages.tryIt.Page />} />
                  <Route path="users" element={<pages.users.Page />} />
                  <Route path="audit" element={<pages.audit.Page />} />
                  <Route path="*" element={<Navigate to="/" replace />} />
                </Route>
              </Routes>
            </SessionGate>
          </HashRouter>
        </TransportProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
