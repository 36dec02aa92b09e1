/** S1's and S0's charts on a page of somebody's own, with a `stats` key in its address. */

import { AnalyticsDashboard, EventTrendChart, FunnelChart } from "@footfall/react/charts";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

const asked = new URLSearchParams(location.search);
const source = { url: asked.get("url") ?? undefined, statsKey: asked.get("key") ?? undefined };

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <EventTrendChart event="page_view" title="Page views" {...source} />
    <FunnelChart steps={["page_view", "add_to_cart", "purchase"]} {...source} />
    <AnalyticsDashboard {...source} />
  </StrictMode>,
);
