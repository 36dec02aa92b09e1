/**
 * The packages in a program that only knows `require`, such as a test in Jest:
 * `node --no-experimental-require-module packages/required.cjs` says nothing when all is well.
 */

const assert = require("node:assert/strict");
const { createElement } = require("react");
const { renderToString } = require("react-dom/server");
const { QueryClient, QueryClientProvider } = require("@tanstack/react-query");
const { init, track, createTracker } = require("@footfall/browser");
const { TrackProvider, TrackSection, useTrack } = require("@footfall/react");
const { InteractionProvider, useInteractions } = require("@footfall/react/interactions");

function Page() {
  useTrack();
  return createElement("p", null, useInteractions().totalInteractions);
}

init({ key: "k" });
track("a");
createTracker().track("b");
const page = createElement(TrackProvider, null, createElement(TrackSection, { name: "s" }, createElement(Page)));
const provided = createElement(InteractionProvider, null, page);
assert.equal(renderToString(createElement(QueryClientProvider, { client: new QueryClient() }, provided)), "<p>0</p>");
