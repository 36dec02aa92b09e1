/** What S1's page shows, as an application: the taxonomy, the hooks and the attributes. */

import { EventTracker, init, tracker } from "@footfall/browser";
import { TrackProvider, usePageView, useTrack } from "@footfall/react";
import { StrictMode, useEffect, useState } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server.browser";

interface Product {
  id: string;
  name: string;
  category: string;
  price: number;
}

function ProductCard({ product }: { product: Product }) {
  const track = useTrack();

  return (
    // biome-ignore lint/a11y: as on S1's page
    <div
      onClick={() => {
        track("product_click", {
          product_id: product.id,
          product_name: product.name,
          category: product.category,
          price: product.price,
        });
      }}
    >
      <h3>{product.name}</h3>
      <p>${product.price}</p>
    </div>
  );
}

function Home() {
  usePageView("home");
  return (
    <>
      <ProductCard product={{ id: "sku-1", name: "Boot", category: "shoes", price: 129.9 }} />
      <button type="button" data-track="cta_click" data-track-props='{"position":"hero","variant":"primary"}'>
        Get Started
      </button>
    </>
  );
}

interface FunnelStep {
  name: string;
  count: number;
  rate: number;
  dropoff: number;
}

function FunnelChart({ steps }: { steps: string[] }) {
  const [data, setData] = useState<FunnelStep[]>([]);

  useEffect(() => {
    const params = new URLSearchParams({
      steps: steps.join(","),
      start: new Date(Date.now() - 7 * 86400000).toISOString(),
      end: new Date().toISOString(),
    });

    fetch(`/api/events/funnel?${params}`)
      .then((r) => r.json())
      // biome-ignore lint/suspicious/noExplicitAny: as on S1's page
      .then(([row]: any[]) => {
        const values = steps.map((_, i) => row[`step_${i + 1}_${steps[i]}`] as number);
        setData(
          steps.map((name, i) => ({
            name,
            count: values[i]!,
            rate: values[0]! > 0 ? (values[i]! / values[0]!) * 100 : 0,
            dropoff: i > 0 && values[i - 1]! > 0 ? ((values[i - 1]! - values[i]!) / values[i - 1]!) * 100 : 0,
          })),
        );
      });
  }, [steps]);

  return (
    <div id="funnel">
      {data.map((step, i) => (
        <div key={step.name}>
          <span>
            {i + 1}. {step.name}
          </span>{" "}
          <span>
            {step.count.toLocaleString()} users ({step.rate.toFixed(1)}%)
          </span>
          {step.dropoff > 0 && <div>↓ {step.dropoff.toFixed(1)}% drop-off</div>}
        </div>
      ))}
    </div>
  );
}

const TIME_RANGES = [
  { label: "24H", value: "24h", granularity: "hour" },
  { label: "7D", value: "7d", granularity: "hour" },
  { label: "30D", value: "30d", granularity: "day" },
  { label: "90D", value: "90d", granularity: "day" },
];

/** What S1's page hands to a library of charts stands in a list here. */
function EventTrendChart({ event }: { event: string }) {
  const [range, setRange] = useState("7d");
  const [data, setData] = useState<{ time: string; total: number; unique_users: number }[]>([]);

  const granularity = TIME_RANGES.find((r) => r.value === range)?.granularity ?? "hour";

  useEffect(() => {
    const ms: Record<string, number> = { "24h": 86400000, "7d": 604800000, "30d": 2592000000, "90d": 7776000000 };
    const start = new Date(Date.now() - ms[range]!).toISOString();
    const params = new URLSearchParams({ event, start, end: new Date().toISOString(), granularity });

    fetch(`/api/events/trend?${params}`)
      .then((r) => r.json())
      .then(setData);
  }, [event, range, granularity]);

  return (
    <div>
      {TIME_RANGES.map((r) => (
        <button type="button" key={r.value} onClick={() => setRange(r.value)}>
          {r.label}
        </button>
      ))}
      <ol id="trend" data-range={range}>
        {data.map((row) => (
          <li key={row.time} title={new Date(row.time).toLocaleDateString()}>
            {row.total} / {row.unique_users}
          </li>
        ))}
      </ol>
    </div>
  );
}

const STEPS = ["seen", "product_click", "bought"];
const query = new URLSearchParams(location.search);
const charts = query.get("charts");
// S1's hooks speak to its `tracker`, so they need no provider.
const app = query.has("alone") ? (
  <Home />
) : (
  <TrackProvider>
    <Home />
  </TrackProvider>
);
const shown = charts ? (
  <>
    <FunnelChart steps={STEPS.map((name) => (name === "product_click" ? name : `${name}_${charts}`))} />
    <EventTrendChart event={`seen_${charts}`} />
  </>
) : (
  app
);
const page = <StrictMode>{shown}</StrictMode>;
const root = document.getElementById("root")!;
if (query.has("hydrated")) {
  // As a server would have sent it; what differs from it is an error.
  root.innerHTML = renderToString(page);
  hydrateRoot(root, page, { onRecoverableError: reportError });
} else createRoot(root).render(page);

Object.assign(window, {
  init,
  EventTracker,
  tracker,
  everything() {
    tracker.track("page_view", { page_name: "home" });

    tracker.track("button_click", { button_id: "checkout", position: "header" });
    tracker.track("form_submit", { form_name: "signup", success: true });
    tracker.track("search", { query: "react hooks", results_count: 42 });

    tracker.track("add_to_cart", { product_id: "sku-123", quantity: 1, price: 29.99 });
    tracker.track("purchase", { order_id: "ord-456", total: 59.98, items_count: 2 });
    tracker.track("subscription_start", { plan: "pro", billing: "annual" });

    tracker.track("feature_used", { feature: "dark_mode", action: "enable" });
    tracker.track("experiment_exposure", { experiment: "new_checkout", variant: "B" });

    tracker.track("error", { type: "api_failure", endpoint: "/api/cart", status: 500 });
  },
});
