/**
 * A small shop that tells Footfall what people do in it, in the words of the demo's invented one.
 *
 * Page views come by themselves with the addresses; components by what can be seen of them; clicks with `data-track`
 * from the attribute alone; what is bought, by hand.
 */

import { clicks, errors, init, scrollDepth, track, trackInteraction } from "@footfall/browser";
import { TrackSection, useComponentVisit, useTrack } from "@footfall/react";
import { InteractionProvider, useInteractions } from "@footfall/react/interactions";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { CATEGORIES, euros, PRODUCTS, type Product } from "./goods.js";
import { go, useRoute } from "./route.js";
import "./shop.css";

function Link({ to, children }: { to: string; children: ReactNode }) {
  return (
    <a
      href={`/shop${to}`}
      onClick={(click) => {
        if (click.metaKey || click.ctrlKey || click.shiftKey) return;
        click.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

function Component({ name, children }: { name: string; children: ReactNode }) {
  const ref = useRef<HTMLElement>(null);
  useComponentVisit(ref, name);
  return <section ref={ref}>{children}</section>;
}

function Grid({ products, add }: { products: readonly Product[]; add: (product: Product) => void }) {
  const tell = useTrack();
  const clicked = ({ id, name, category, price }: Product) =>
    tell("product_click", { product_id: id, product_name: name, category, price });
  return (
    <Component name="ProductGrid">
      <ul className="grid">
        {products.map((product) => (
          <li key={product.id}>
            <button type="button" className="name" onClick={() => clicked(product)}>
              {product.name}
            </button>
            <span>{euros(product.price)}</span>
            <button
              type="button"
              onClick={() => {
                trackInteraction("ProductCard", "add-to-cart");
                track("add_to_cart", { product_id: product.id, quantity: 1, price: product.price });
                add(product);
              }}
            >
              Add to cart
            </button>
          </li>
        ))}
      </ul>
    </Component>
  );
}

function Checkout({ cart, paid }: { cart: readonly Product[]; paid: () => void }) {
  const total = Math.round(cart.reduce((sum, { price }) => sum + price, 0) * 100) / 100;
  const sums = { total, items_count: cart.length, currency: "EUR" };
  const { trackInteraction: tell } = useInteractions();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a checkout starts once
  useEffect(() => track("checkout_start", sums), []);
  return (
    <Component name="Checkout">
      <p>
        {cart.length} items, {euros(total)}. No name, no address, no card: nothing is real here.
      </p>
      <button
        type="button"
        onClick={() => {
          tell("Checkout", "pay");
          tell("Checkout", "complete");
          track("purchase", { order_id: `order-${Date.now().toString(36)}`, ...sums });
          paid();
        }}
      >
        Pay
      </button>
    </Component>
  );
}

function Cart({ cart }: { cart: readonly Product[] }) {
  return (
    <Component name="CartDrawer">
      {cart.length ? (
        <>
          <ul>
            {cart.map(({ id, name, price }, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same thing may be there twice
              <li key={`${id}-${place}`}>
                {name}, {euros(price)}
              </li>
            ))}
          </ul>
          <Link to="/checkout">To the checkout</Link>
        </>
      ) : (
        <p>Nothing is in it yet.</p>
      )}
    </Component>
  );
}

function Counter() {
  const { totalInteractions, serverStats } = useInteractions();
  return (
    <footer>
      {totalInteractions} interactions of yours in this session, {serverStats?.totalInteracciones ?? "…"} of everybody.{" "}
      <a href="/">What Footfall makes of them</a>
    </footer>
  );
}

const TITLES: Record<string, string> = {
  "/": "Home",
  "/cart": "Your cart",
  "/checkout": "Checkout",
  "/thank-you": "Thank you",
};

function Shop() {
  const route = useRoute();
  const [cart, setCart] = useState<readonly Product[]>([]);
  const add = (product: Product) => setCart([...cart, product]);
  const category = CATEGORIES.find((name) => `/${name}` === route);
  const title = TITLES[route] ?? category ?? "Not here";
  document.title = `${title} · Fernweh`;

  const pages: Record<string, () => ReactNode> = {
    "/": () => (
      <>
        <Component name="HeroBanner">
          <p className="hero">Things for being outside.</p>
          <button type="button" data-track="cta_click" data-track-props='{"position":"hero","variant":"primary"}'>
            Read our guide to packing light
          </button>
        </Component>
        <Grid products={PRODUCTS} add={add} />
      </>
    ),
    "/cart": () => <Cart cart={cart} />,
    "/checkout": () => (
      <Checkout
        cart={cart}
        paid={() => {
          setCart([]);
          go("/thank-you");
        }}
      />
    ),
    "/thank-you": () => <p>Thank you. Your order was counted, and nothing else.</p>,
  };
  const listed = () => <Grid products={PRODUCTS.filter((product) => product.category === category)} add={add} />;
  const show = pages[route] ?? (category ? listed : () => <p>There is nothing here.</p>);

  return (
    <TrackSection name={category ? "catalogue" : title.toLowerCase()}>
      <header>
        <h1>Fernweh</h1>
        <nav>
          <Link to="/">Home</Link>
          {CATEGORIES.map((name) => (
            <Link key={name} to={`/${name}`}>
              {name}
            </Link>
          ))}
          <Link to="/cart">Cart ({cart.length})</Link>
        </nav>
      </header>
      <main>
        <h2>{title}</h2>
        {show()}
      </main>
      <Counter />
    </TrackSection>
  );
}

// The address is the first thing that an event tells, so the shop begins before React does.
init({ use: [clicks, errors, scrollDepth({ component: "ProductGrid" })], flushInterval: 500 });
createRoot(document.getElementById("root")!).render(
  <QueryClientProvider client={new QueryClient()}>
    <InteractionProvider>
      <Shop />
    </InteractionProvider>
  </QueryClientProvider>,
);
