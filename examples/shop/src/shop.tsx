/**
 * A shop that tells Footfall what people do in it. The demo's invented visitors and its invented past speak word for
 * word like this one (a test walks through and compares).
 *
 * Page views come by themselves with the addresses; components by what can be seen of them; clicks with `data-track`
 * from the attribute alone; what is bought, by hand.
 */

import { clicks, errors, init, type Part, track } from "@footfall/browser";
import { InteractionProvider, useInteractions } from "@footfall/react/interactions";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import catalogue from "catalogue";
import { type ReactNode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { type Cart, CartPage, CheckoutPage, LoginPage } from "./buying.js";
import { CATEGORIES, PRODUCTS, pageAt, SEARCHES, titleOf } from "./goods.js";
import { BAD_DAY, Component, Does, Folded, fail, Link } from "./parts.js";
import { Grid, ProductPage } from "./products.js";
import { go, pathIn, searched, useRoute } from "./route.js";
import "./shop.css";

const { pages: PAGES } = catalogue;

function Hero() {
  const [slide, setSlide] = useState(0);
  const [gone, setGone] = useState(false);
  if (gone) return null;
  return (
    <Component name="HeroBanner">
      {(act) => (
        <>
          <p className="hero">{["Things for being outside.", "Things for staying there."][slide % 2]}</p>
          <button
            type="button"
            data-track="cta_click"
            data-track-props='{"position":"hero","variant":"primary"}'
            onClick={() => {
              act("click");
              go(PAGES.guide.path);
            }}
          >
            Read our guide to packing light
          </button>{" "}
          <Does act={act} action="next-slide" then={() => setSlide(slide + 1)}>
            Next
          </Does>{" "}
          <Does act={act} action="dismiss" then={() => setGone(true)}>
            Hide this
          </Does>
        </>
      )}
    </Component>
  );
}

function Newsletter() {
  const [said, say] = useState("");
  return (
    <Component name="NewsletterSignup">
      {(act) => (
        <p>
          {said || (
            <>
              Once a month, what is new.{" "}
              <Does act={act} action="submit" then={() => say("Thank you. Nothing will come, since nothing is real.")}>
                Subscribe
              </Does>{" "}
              <Does act={act} action="dismiss" then={() => say("As you like.")}>
                No, thank you
              </Does>
            </>
          )}
        </p>
      )}
    </Component>
  );
}

const found = (query: string) => {
  const words = query.toLowerCase().split(/\W+/).filter(Boolean);
  return PRODUCTS.filter(({ name, category }) =>
    words.some((word) => `${name} ${category}`.toLowerCase().includes(word)),
  );
};

function SearchBar() {
  const [query, setQuery] = useState("");
  const search = (words: string) => {
    const told = { query: words, results_count: found(words).length };
    track("search", told, { component: "SearchBar", action: "submit" });
    go(`${PAGES.search.path}?q=${encodeURIComponent(words)}`);
  };
  return (
    <Component name="SearchBar">
      {(act) => (
        <search>
          <form
            onSubmit={(submit) => {
              submit.preventDefault();
              search(query);
            }}
          >
            <input
              type="search"
              aria-label="Search"
              value={query}
              onFocus={() => act("focus")}
              onChange={({ target }) => setQuery(target.value)}
            />
            <button type="submit">Search</button>{" "}
            <Does act={act} action="clear" then={() => setQuery("")}>
              Clear
            </Does>
          </form>
          <p>
            {SEARCHES.map((words) => (
              <Does key={words} act={act} action="suggestion-click" then={() => setQuery(words)}>
                {words}
              </Does>
            ))}
          </p>
        </search>
      )}
    </Component>
  );
}

function Navigation({ items }: { items: number }) {
  return (
    <Component name="Navigation">
      {(act) => {
        const to = (path: string, name: ReactNode) => (
          <Link key={path} to={path} told={() => act("click")}>
            {name}
          </Link>
        );
        return (
          <nav>
            {to("/", "Home")}
            {CATEGORIES.map(({ path, title }) => to(path, title))}
            {to(PAGES.cart.path, `Cart (${items})`)}
            <Folded act={act} opens="menu-open" closes="menu-close" title="More">
              {[PAGES.sale, PAGES.guide, PAGES.returns, PAGES.login].map(({ path, title }) => to(path, title))}
            </Folded>
          </nav>
        );
      }}
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

function Shop() {
  const route = useRoute();
  const [cart, put] = useState<Cart>([]);
  const grid = (products: typeof PRODUCTS) => <Grid products={products} add={(product) => put([...cart, product])} />;
  const category = CATEGORIES.find(({ path }) => path === route);
  const product = PRODUCTS.find(({ path }) => path === route);
  document.title = titleOf(route);
  useEffect(() => {
    if (BAD_DAY) fail();
  }, []);

  const shown: Record<string, () => ReactNode> = {
    [PAGES.home.path]: () => (
      <>
        <Hero />
        {grid(PRODUCTS)}
        <Newsletter />
      </>
    ),
    [PAGES.sale.path]: () => (
      <>
        <Hero />
        {grid(PRODUCTS.filter(({ price }) => price < 50))}
      </>
    ),
    [PAGES.search.path]: () => grid(found(searched())),
    [PAGES.cart.path]: () => <CartPage cart={cart} put={put} />,
    [PAGES.checkout.path]: () => <CheckoutPage cart={cart} put={put} />,
    [PAGES.thanks.path]: () => (
      <>
        <p>Thank you. Your order was counted, and nothing else.</p>
        <Newsletter />
      </>
    ),
    [PAGES.login.path]: () => <LoginPage />,
    [PAGES.guide.path]: () => (
      <>
        <p>Leave half of it at home.</p>
        <Newsletter />
      </>
    ),
    [PAGES.returns.path]: () => <p>What never came cannot be sent back.</p>,
  };
  const listed = () => {
    if (category) return grid(PRODUCTS.filter((one) => one.category === category.name));
    return product ? (
      <ProductPage product={product} add={(one) => put([...cart, one])} />
    ) : (
      <p>There is nothing here.</p>
    );
  };

  return (
    <>
      <header>
        <h1>{catalogue.shop}</h1>
        <Navigation items={cart.length} />
        <SearchBar />
      </header>
      <main key={route}>
        <h2>{pageAt(route).title}</h2>
        {(shown[route] ?? listed)()}
      </main>
      <Counter />
    </>
  );
}

/** Every event says which section of the shop it happened in; page views, too, which no component sends. */
const sections: Part = ({ before }) => {
  before.push((event) => ({ ...event, section: pageAt(pathIn(new URL(event.url!).pathname)).section }));
};

// The address and the title are the first things that an event tells, so the shop begins before React does.
document.title = titleOf(pathIn(location.pathname));
init({ use: [sections, clicks, errors], flushInterval: 500 });
createRoot(document.getElementById("root")!).render(
  <QueryClientProvider client={new QueryClient()}>
    <InteractionProvider>
      <Shop />
    </InteractionProvider>
  </QueryClientProvider>,
);
