/** What S1's page shows, as an application: the taxonomy, the hooks and the attributes. */

import { EventTracker, tracker } from "@footfall/browser";
import { TrackProvider, usePageView, useTrack } from "@footfall/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

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

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <TrackProvider>
      <Home />
    </TrackProvider>
  </StrictMode>,
);

Object.assign(window, {
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
