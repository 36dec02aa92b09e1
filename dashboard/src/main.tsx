import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.css";
import "@mantine/dates/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./look.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Problem } from "./api/client";
import { nonce } from "./nonce";
import { createPages } from "./router";
import { theme, variables } from "./theme";

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
const place = document.getElementById("root");

if (place) {
  createRoot(place).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        defaultColorScheme="auto"
        colorSchemeManager={scheme}
        getStyleNonce={() => nonce}
      >
        <Notifications position="bottom-right" />
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
