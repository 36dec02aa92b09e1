/** What S2's page shows, as an application: pages, sections and actions. */

import { TrackingProvider, TrackPage, TrackSection, useComponentVisit, useTracking } from "@footfall/react";
import { type ReactNode, StrictMode, useCallback, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

// A tracking plan writes these.
enum PageName {
  WELCOME = "welcome",
  ORGANIZATION_SETTINGS = "organization_settings",
}
enum PageType {
  MODAL = "modal",
}
enum CategoryName {
  SETTINGS = "settings",
}
enum SectionName {
  PAGE_CONTENT = "page_content",
  PAGE_FOOTER = "page_footer",
}
enum EventName {
  RUN_QUERY_BUTTON_CLICKED = "run_query_button.click",
}

function RunQuery({ id }: { id: string }) {
  const { track } = useTracking();
  const onClick = useCallback(() => {
    track({
      name: EventName.RUN_QUERY_BUTTON_CLICKED,
    });
  }, [track]);
  return (
    <button type="button" id={id} onClick={onClick}>
      Run
    </button>
  );
}

function Chart() {
  const ref = useRef<HTMLDivElement>(null);
  useComponentVisit(ref);
  return (
    <div ref={ref} data-component="Chart">
      A chart
    </div>
  );
}

function Welcome() {
  const [modal, setModal] = useState(false);
  return (
    <>
      <TrackSection name={SectionName.PAGE_CONTENT}>
        <RunQuery id="in-content" />
        <TrackSection name={SectionName.PAGE_FOOTER}>
          <RunQuery id="in-footer" />
        </TrackSection>
      </TrackSection>
      <RunQuery id="outside" />
      <button type="button" id="settings" onClick={() => setModal(true)}>
        Settings
      </button>
      {modal ? (
        <TrackPage name={PageName.ORGANIZATION_SETTINGS} type={PageType.MODAL} category={CategoryName.SETTINGS}>
          <p id="panel">Organization</p>
        </TrackPage>
      ) : (
        <Chart />
      )}
    </>
  );
}

/** As much of a router as the page needs. */
function Route({ path, children }: { path: string; children: ReactNode }) {
  return location.hash.slice(1) === path ? children : null;
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <TrackingProvider>
      <Route path="/welcome">
        <TrackPage name={PageName.WELCOME}>
          <Welcome />
        </TrackPage>
      </Route>
      <Route path="/elsewhere">
        <TrackPage name={PageName.ORGANIZATION_SETTINGS}>
          <p>Never shown</p>
        </TrackPage>
      </Route>
    </TrackingProvider>
  </StrictMode>,
);
