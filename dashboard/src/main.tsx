import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.css";
import "./look.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { Problem } from "./api/client";
import { nonce } from "./nonce";
import { createPages, fetchPage } from "./router";
import { meOptions } from "./session";
import { sharedViewOf, viewOf } from "./state/view";
import { theme, variables } from "./theme";

const Notices = lazy(() => import("./parts/notices"));

const TRIES = 2;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (tries, error) => tries < TRIES && error instanceof Problem && error.passes,
      refetchOnWindowFocus: true,
    },
  },
});
const router = createPages();
const scheme = localStorageColorSchemeManager({ key: "footfall-scheme" });
/** Behind a link that was shared, the address may say how the page looks; nothing of that is remembered. */
const shared = location.pathname.startsWith("/shared/");
const forced = shared ? sharedViewOf(Object.fromEntries(new URLSearchParams(location.search))).theme : undefined;
const place = document.getElementById("root");
// Both are on their way while the rest is made ready: a fifth of the time to the first numbers.
fetchPage(location.pathname);
if (!shared) client.prefetchQuery(meOptions(viewOf(router.latestLocation.search).project));

if (place) {
  createRoot(place).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        defaultColorScheme="auto"
        colorSchemeManager={scheme}
        getStyleNonce={() => nonce}
        {...(forced && { forceColorScheme: forced })}
      >
        <Suspense>
          <Notices />
        </Suspense>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
