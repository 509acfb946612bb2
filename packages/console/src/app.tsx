import { TransportProvider } from "@connectrpc/connect-query";
import { createTheme, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy } from "react";
import { HashRouter, Navigate, Route, Routes } from "react-router";
import { Shell } from "./layout/shell.js";
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

const Overview = lazy(() =>
  import("./metrics/overview-page.js").then((m) => ({
    default: m.OverviewPage,
  })),
);
const Calls = lazy(() =>
  import("./metrics/calls-page.js").then((m) => ({ default: m.CallsPage })),
);
const Heartbeats = lazy(() =>
  import("./heartbeats/heartbeats-page.js").then((m) => ({
    default: m.HeartbeatsPage,
  })),
);
const Jobs = lazy(() =>
  import("./jobs/jobs-page.js").then((m) => ({ default: m.JobsPage })),
);
const Job = lazy(() =>
  import("./jobs/job-page.js").then((m) => ({ default: m.JobPage })),
);
const Run = lazy(() =>
  import("./jobs/run-page.js").then((m) => ({ default: m.RunPage })),
);
const TryIt = lazy(() =>
  import("./call/try-it-page.js").then((m) => ({ default: m.TryItPage })),
);
const Users = lazy(() =>
  import("./users/users-page.js").then((m) => ({ default: m.UsersPage })),
);
const Audit = lazy(() =>
  import("./audit/audit-page.js").then((m) => ({ default: m.AuditPage })),
);

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
                  <Route index element={<Overview />} />
                  <Route path="calls" element={<Calls />} />
                  <Route path="heartbeats" element={<Heartbeats />} />
                  <Route path="jobs" element={<Jobs />} />
                  <Route path="jobs/:name" element={<Job />} />
                  <Route path="runs/:id" element={<Run />} />
                  <Route path="try" element={<TryIt />} />
                  <Route path="users" element={<Users />} />
                  <Route path="audit" element={<Audit />} />
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
