import {
  TrackingProvider,
  TrackPage,
  TrackProvider,
  TrackSection,
  useComponentVisit,
  usePageView,
  useTrack,
  useTracking,
} from "@footfall/react";
import { InteractionProvider, useInteractions } from "@footfall/react/interactions";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useRef } from "react";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";

function Page() {
  const ref = useRef<HTMLDivElement>(null);
  const { totalInteractions, isLoadingServerStats } = useInteractions();
  useTrack();
  useTracking();
  usePageView("home");
  useComponentVisit(ref);
  return (
    <div ref={ref}>
      {totalInteractions} {String(isLoadingServerStats)}
    </div>
  );
}

test("everything renders on a server, where it sends nothing", () => {
  const fetched = vi.spyOn(globalThis, "fetch");
  const html = renderToString(
    <QueryClientProvider client={new QueryClient()}>
      <InteractionProvider>
        <TrackProvider>
          <TrackingProvider>
            <TrackPage name="welcome">
              <TrackSection name="content">
                <Page />
              </TrackSection>
            </TrackPage>
          </TrackingProvider>
        </TrackProvider>
      </InteractionProvider>
    </QueryClientProvider>,
  );
  expect(html).toContain("0<!-- --> <!-- -->true");
  expect(fetched).not.toHaveBeenCalled();
});

test("a hook outside of its provider says so", () => {
  expect(() => renderToString(<Page />)).toThrow("InteractionProvider");
});
