/** What S0's page shows, as an application. */

import { InteractionProvider, useInteractions } from "@footfall/react/interactions";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

function MyButton() {
  const { trackInteraction } = useInteractions();

  const handleClick = () => {
    trackInteraction("MyButton", "click");
  };

  return (
    <button type="button" onClick={handleClick}>
      Click me
    </button>
  );
}

function DownloadButton() {
  const { trackInteraction } = useInteractions();

  return (
    <button
      type="button"
      onClick={() => {
        trackInteraction("DownloadButton", "click");
      }}
    >
      Download
    </button>
  );
}

function ContactForm() {
  const { trackInteraction } = useInteractions();

  const handleSubmit = (e: React.FormEvent) => {
    e.preventDefault();
    trackInteraction("ContactForm", "submit");
  };

  return (
    <form onSubmit={handleSubmit}>
      <button type="submit">Submit</button>
    </form>
  );
}

function Hero() {
  const { trackInteraction } = useInteractions();

  // biome-ignore lint/correctness/useExhaustiveDependencies: as on S0's page
  useEffect(() => {
    trackInteraction("Hero", "view");
  }, []);

  return <div>Hero Section</div>;
}

function VideoPlayer() {
  const { trackInteraction } = useInteractions();

  return (
    <div>
      {/* biome-ignore lint/a11y/useMediaCaption: as on S0's page */}
      <video
        id="video"
        onPlay={() => trackInteraction("VideoPlayer", "play")}
        onPause={() => trackInteraction("VideoPlayer", "pause")}
        onEnded={() => trackInteraction("VideoPlayer", "complete")}
      />
    </div>
  );
}

function AnalyticsDashboard() {
  const { serverStats, isLoadingServerStats, isRefetchingServerStats, totalInteractions } = useInteractions();

  if (isLoadingServerStats) {
    return <div>Loading analytics...</div>;
  }

  return (
    <div id="dashboard" data-refetching={isRefetchingServerStats}>
      <h2>Total Interactions: {serverStats?.totalInteracciones}</h2>
      <p id="session">{totalInteractions}</p>
      <section>
        <h3>Top Components</h3>
        <ul>
          {serverStats?.porComponente.map((item) => (
            <li key={item._id}>
              {item._id}: {item.count} interactions
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3>User Types</h3>
        <ul>
          {serverStats?.porTipoUsuario.map((item) => (
            <li key={item._id}>
              {item._id}: {item.count} interactions
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function Patterns() {
  const { trackInteraction } = useInteractions();

  const all = () => {
    trackInteraction("ProductCard", "view");
    trackInteraction("ProductCard", "add-to-cart");
    trackInteraction("Checkout", "initiate");
    trackInteraction("Checkout", "complete");

    trackInteraction("Article", "view");
    trackInteraction("Article", "scroll-50");
    trackInteraction("Article", "scroll-100");
    trackInteraction("ShareButton", "click");
    trackInteraction("MainNav", "menu-open");
    trackInteraction("MainNav", "products-click");
    trackInteraction("SearchBar", "search");
    trackInteraction("Footer", "newsletter-signup");
  };

  return (
    <button type="button" onClick={all}>
      All patterns
    </button>
  );
}

/** The setup of S0's page: a provider that is told nothing, inside one of TanStack Query. */
function Setup() {
  return (
    <InteractionProvider>
      <MyButton />
      <Patterns />
      <AnalyticsDashboard />
    </InteractionProvider>
  );
}

function App() {
  const [user, setUser] = useState<{ id: string } | null>(null);
  return (
    <InteractionProvider user={user}>
      <Hero />
      <DownloadButton />
      <ContactForm />
      <VideoPlayer />
      <button type="button" onClick={() => setUser({ id: "ada" })}>
        Sign in
      </button>
      <AnalyticsDashboard />
    </InteractionProvider>
  );
}

const strict = location.search.includes("strict");
const app = (
  <QueryClientProvider client={new QueryClient()}>
    {location.search.includes("setup") ? <Setup /> : <App />}
  </QueryClientProvider>
);
createRoot(document.getElementById("root")!).render(strict ? <StrictMode>{app}</StrictMode> : app);
