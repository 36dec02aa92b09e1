/**
 * The start page: what arrived, from whom, and how far people got, read from this server's own API.
 *
 * Whatever events carry is hostile text: it enters the page as text nodes and attributes, never as markup. A tile
 * loads and fails alone. The range lives in the address (#7d), so reload, back and a copied link show the same.
 */

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const RANGES = {
  "24h": { title: "24 hours", hours: 24, unit: "hour" },
  "7d": { title: "7 days", days: 7, unit: "day" },
  "30d": { title: "30 days", days: 30, unit: "day" },
  "90d": { title: "90 days", days: 90, unit: "day" },
};
const DEFAULT_RANGE = "30d";
const SHOP = ["page_view", "product_click", "add_to_cart", "checkout_start", "purchase"];
const PATIENCE = 30_000;
const BEAT = 5_000;
const SLOW = 12; // beats between two readings of what costs the engine more

// ── the only fetch ───────────────────────────────────────────────────────────────────────────────────────────

class Failure extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function api(path, signal, question) {
  const late = AbortSignal.timeout(PATIENCE);
  const sent = question && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(question) };
  let answer, text;
  try {
    answer = await fetch(path, { credentials: "same-origin", signal: AbortSignal.any([signal, late]), ...sent });
    text = await answer.text();
  } catch {
    throw new Failure(0, late.aborted ? `No answer within ${PATIENCE / 1000} seconds.` : "The server cannot be reached.");
  }
  try {
    const body = JSON.parse(text);
    if (answer.ok) return body;
    throw new Failure(answer.status, body.detail);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(answer.status, `Status ${answer.status}, and no JSON.`);
  }
}

// ── words, numbers, times ────────────────────────────────────────────────────────────────────────────────────

const digits = (options) => new Intl.NumberFormat(undefined, options);
const number = digits();
const compact = digits({ notation: "compact" });
const tenths = digits({ maximumFractionDigits: 1 });
const percent = digits({ style: "percent", maximumFractionDigits: 1 });
const inZone = (options) => new Intl.DateTimeFormat(undefined, { timeZone: ZONE, ...options });
const TIME = { hour: "2-digit", minute: "2-digit" }, DAY = { day: "numeric", month: "short" };
const clock = inZone({ ...TIME, second: "2-digit" });
const minutes = inZone(TIME);
const weekdayMinutes = inZone({ weekday: "short", ...TIME });
const shortDay = inZone(DAY);
const wholeDay = inZone({ weekday: "short", ...DAY });
const wholeHour = inZone({ weekday: "short", ...DAY, ...TIME, timeZoneName: "short" });
const dates = inZone({ ...DAY, year: "numeric" });
const moment = inZone({ ...DAY, year: "numeric", ...TIME, timeZoneName: "short" });
const offset = moment.formatToParts().find((part) => part.type === "timeZoneName").value;
const zoneName = `${ZONE} (${offset})`;
const rate = (value) => (value === null ? "–" : percent.format(value));
const many = (count, one, more = `${one}s`) => `${number.format(count)} ${count === 1 ? one : more}`;
const people = (count) => many(count, "person", "people");

function duration(seconds) {
  const units = [["d", 86_400], ["h", 3600], ["m", 60], ["s", 1]];
  const from = Math.max(0, units.findIndex(([, size]) => seconds >= size));
  if (from === 3) return `${tenths.format(seconds)} s`;
  const [[large, size], [small, part]] = units.slice(from);
  return `${Math.floor(seconds / size)} ${large} ${Math.floor((seconds % size) / part)} ${small}`;
}

/** What a stranger sent; characters that would bend the text around them are made visible. */
function readable(text) {
  const shown = String(text ?? "").replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}]/gu, "\ufffd");
  return shown.trim() ? shown : "(blank)";
}

// ── elements ─────────────────────────────────────────────────────────────────────────────────────────────────

const byId = (id) => document.getElementById(id);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}
const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const p = (kind, ...children) => h("p", { class: kind }, ...children);
const bold = (text) => h("b", {}, text);
const swatch = (kind) => h("i", { class: `swatch ${kind}`, "aria-hidden": "true" });
const nameOf = (text) => h("bdi", { class: "name", title: readable(text) }, readable(text));
const timeOf = (text, format) =>
  h("time", { datetime: text, title: moment.format(new Date(text)) }, format.format(new Date(text)));

function rail(...shares) {
  const bar = h("div", { class: "rail", "aria-hidden": "true" });
  for (const [kind, share] of shares) bar.appendChild(h("i", { class: kind })).style.width = `${share * 100}%`;
  return bar;
}

const metaLine = (meta) => p("meta", [
  meta.exact ? "Exact" : "Approximate", `${tenths.format(meta.elapsed_ms)} ms`, `${many(meta.rows_read, "row")} read`,
  `${many(meta.excluded_bots, "bot event")} hidden`, `${meta.timezone}, as of ${clock.format(new Date(meta.now))}`,
].join(" · "));

/** Roles are said aloud since narrow screens lay rows out as grids; `total` is a row below the line. */
function table(caption, heads, rows, total) {
  const head = (scope, role, cell) => h("th", { scope, role }, cell);
  const row = ([first, ...rest]) => h("tr", { role: "row" }, head("row", "rowheader", first),
    ...rest.map((cell) => h("td", { role: "cell" }, cell)));
  const group = (tag, ...content) => h(tag, { role: "rowgroup" }, ...content);
  const whole = h("table", { role: "table", class: `of${heads.length}` }, h("caption", {}, caption),
    group("thead", h("tr", { role: "row" }, ...heads.map((cell) => head("col", "columnheader", cell)))),
    group("tbody", ...rows.map(row)), total ? group("tfoot", row(total)) : null);
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, whole);
}

const opened = new Set();
function behind(caption, ...content) {
  const box = h("details", {}, h("summary", {}, "The same as a table"), table(caption, ...content));
  box.open = opened.has(caption);
  box.addEventListener("toggle", () => opened[box.open ? "add" : "delete"](caption));
  return box;
}

// ── the trend's picture ──────────────────────────────────────────────────────────────────────────────────────

const [LEFT, RIGHT, TOP, FOOT, HIGH] = [48, 6, 8, 24, 168];

/** Round numbers from 0 to at least `high`: a scale that starts anywhere else would exaggerate. */
function scale(high) {
  const power = 10 ** Math.floor(Math.log10(high / 3));
  const step = Math.max(1, [1, 2, 5, 10].find((factor) => factor * power >= high / 3) * power);
  return Array.from({ length: Math.ceil(high / step) + 1 }, (_, at) => at * step);
}

function bars(plot, { kind, values }, state) {
  const wide = Math.min(plot.band * 0.72, 56);
  return values.map((value, at) => svg("rect", {
    class: `bar ${kind} ${state[at]}`, rx: Math.min(3, wide / 4), x: plot.x(at) - wide / 2, width: wide,
    y: plot.y(value), height: value && Math.max(1, plot.y(0) - plot.y(value)),
  }));
}

/** People are dots, sessions larger diamonds on a wider line: told apart without colour, and where they coincide. */
function lines(plot, { kind, values }, state) {
  const points = values.map((value, at) => [plot.x(at), plot.y(value)]);
  const path = (wanted) => svg("path", { class: `stroke ${kind} ${wanted}`,
    d: points.map((point, at) => (at && state[at] === wanted ? `M${points[at - 1]}L${point}` : "")).join("") });
  const [size, rx] = kind === "people" ? [6, 3] : [9, 0];
  const dot = ([x, y], at) => svg("rect", { class: `dot ${kind} ${state[at]}`, x: x - size / 2, y: y - size / 2, width: size,
    height: size, rx, transform: `rotate(45 ${x} ${y})` });
  return [path("full"), path("partial"), ...points.map(dot).filter((_, at) => plot.band > 15 || state[at] === "partial")];
}

function chart(label, width, draw, series, state, ticks) {
  const steps = scale(Math.max(1, ...series.flatMap((one) => one.values)));
  const tall = HIGH - TOP - FOOT, band = (width - LEFT - RIGHT) / state.length;
  const plot = { band, x: (at) => LEFT + band * (at + 0.5), y: (value) => TOP + tall * (1 - value / steps.at(-1)) };
  const column = svg("rect", { class: "band", y: TOP, height: tall, width: band });
  const grid = steps.flatMap((step) => [
    svg("line", { class: step ? "grid" : "base", x1: LEFT, x2: width - RIGHT, y1: plot.y(step), y2: plot.y(step) }),
    svg("text", { class: "tick", x: LEFT - 8, y: plot.y(step) + 4, "text-anchor": "end" }, compact.format(step)),
  ]);
  const foot = ticks.map(([at, text]) => {
    const crowded = plot.x(at) + 26 > width;
    const place = crowded ? { x: width, "text-anchor": "end" } : { x: plot.x(at), "text-anchor": "middle" };
    return svg("text", { class: "tick", y: HIGH - 6, ...place }, text);
  });
  const shapes = series.flatMap((one) => draw(plot, one, state));
  const root = svg("svg", { role: "img", "aria-label": label, width, height: HIGH }, column, ...grid, ...shapes, ...foot);
  return { root, plot, column };
}

/** Labels with room to breathe, counted back from the newest bucket; an hour after midnight names its day. */
function ticksOf(starts, unit, width) {
  const stride = [1, 2, 3, 4, 6, 7, 8, 14, 30].find((step) => (step * width) / starts.length >= 68) ?? 30;
  const chosen = starts.map((_, at) => at).filter((at) => (starts.length - 1 - at) % stride === 0);
  const newDay = (at, nth) => nth && shortDay.format(starts[at]) !== shortDay.format(starts[chosen[nth - 1]]);
  const format = (at, nth) => (unit === "day" ? shortDay : newDay(at, nth) ? weekdayMinutes : minutes);
  return chosen.map((at, nth) => [at, format(at, nth).format(starts[at])]);
}

function drawTrend(body, answer, { range: { unit } }) {
  const starts = answer.buckets.map((bucket) => new Date(bucket)), last = starts.length - 1;
  const state = answer.incomplete.map((running) => (running ? "partial" : "full"));
  const names = starts.map((start) => (unit === "hour" ? wholeHour : wholeDay).format(start));
  const series = ["events", "people", "sessions"].map((kind, at) => ({ kind, ...answer.series[at] }));
  const totals = series.map((one) => number.format(one.total));
  const rows = names.map((name, at) => [state[at] === "partial" ? `${name} (still running)` : name,
    ...series.map((one) => number.format(one.values[at]))]);
  const numbers = behind(`Events, people and sessions by ${unit}`, [`Start of the ${unit}`, "Events", "People", "Sessions"],
    rows, ["Whole range, each counted once", ...totals]);
  const [events, persons, sessions] = series;
  if (!events.total) return body.replaceChildren(blank("No events in this range."), metaLine(answer.meta), numbers);

  const top = events.values.indexOf(Math.max(...events.values));
  const summary = `${many(events.total, "event")} from ${people(persons.total)} in ${many(sessions.total, "session")}. `
    + `Busiest ${unit}: ${names[top]}, with ${number.format(events.values[top])}.`
    + (state[last] === "partial" ? ` The dashed ${unit} is still running.` : "");
  const picture = h("div", { class: "picture" });
  const tip = h("div", { class: "tip", hidden: "", "aria-hidden": "true" });
  const walker = h("div", { class: "walker", role: "slider", tabindex: 0, "aria-valuemin": 0, "aria-valuemax": last,
    "aria-label": `Trend, ${unit} by ${unit} with the arrow keys` });
  let charts = [], current = last;

  const say = (at) => {
    walker.setAttribute("aria-valuenow", at);
    walker.setAttribute("aria-valuetext", `${rows[at][0]}: ${series.map((one, nth) => `${rows[at][nth + 1]} ${one.kind}`).join(", ")}`);
  };
  const point = (at) => {
    tip.hidden = at === null;
    for (const { column } of charts) column.classList.toggle("on", at !== null);
    if (at === null) return;
    say((current = at));
    tip.replaceChildren(p("", rows[at][0]), ...series.map((one, nth) =>
      p("", h("span", {}, swatch(one.kind), one.kind), bold(rows[at][nth + 1]))));
    const { x, band } = charts[0].plot, after = x(at) + band / 2 + 8, before = x(at) - band / 2 - 8 - tip.offsetWidth;
    tip.style.left = `${after + tip.offsetWidth <= picture.clientWidth ? after : Math.max(0, before)}px`;
    for (const { column } of charts) column.setAttribute("x", x(at) - band / 2);
  };
  const paint = () => {
    const width = picture.clientWidth;
    if (!width || charts[0]?.width === width) return;
    const ticks = ticksOf(starts, unit, width - LEFT), label = (what) => `${what} by ${unit}, ${names[0]} to ${names[last]}`;
    charts = [chart(label("Events"), width, bars, [events], state, []),
      chart(label("People and sessions"), width, lines, [sessions, persons], state, ticks)];
    charts[0].width = width;
    const legend = (...kinds) => p("legend", ...kinds.map((kind) => h("span", {}, swatch(kind), kind)));
    picture.replaceChildren(legend("events"), charts[0].root, legend("people", "sessions"), charts[1].root, walker, tip);
  };
  const keys = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity, End: Infinity, Escape: NaN };
  walker.addEventListener("keydown", (event) => {
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    const to = Math.min(last, Math.max(0, current + keys[event.key]));
    point(Number.isNaN(to) ? null : to);
  });
  const follow = (event) => {
    const at = Math.floor((event.clientX - picture.getBoundingClientRect().left - LEFT) / charts[0].plot.band);
    point(at >= 0 && at <= last ? at : null);
  };
  for (const [type, react] of Object.entries({
    pointermove: follow, pointerdown: follow, pointerleave: () => point(null), blur: () => point(null),
    focus: () => walker.matches(":focus-visible") && point(current),
  })) walker.addEventListener(type, react);

  say(last);
  body.replaceChildren(p("summary", summary), picture, metaLine(answer.meta), numbers);
  paint();
  new ResizeObserver(paint).observe(picture);
}

// ── the other tiles ──────────────────────────────────────────────────────────────────────────────────────────

const blank = (text) => p("blank", text);
const stat = (name, value, note) => h("div", { class: "stat" }, h("dt", {}, name),
  h("dd", { class: "value" }, number.format(value)), h("dd", { class: "sub" }, note));

function drawNumbers(body, { series: [events, persons, sessions], meta }) {
  const each = (one) => (persons.total ? `${tenths.format(one.total / persons.total)} a person` : "in this range");
  body.replaceChildren(h("dl", {}, stat("Events", events.total, each(events)), stat("People", persons.total, "each counted once"),
    stat("Sessions", sessions.total, each(sessions)), stat("Bots hidden", meta.excluded_bots, "events left out")));
}

function drawPipeline(body, { queued, quarantined, lag_seconds }) {
  const late = queued && lag_seconds >= 1 ? `, oldest ${duration(lag_seconds)}` : "";
  body.replaceChildren(h("dl", {}, stat("Queued", queued, `${number.format(quarantined)} quarantined${late}`)));
}

async function loadFunnel(round) {
  const ordinary = (await round.catalog()).events.map((one) => one.event).filter((name) => !name.startsWith("$"));
  const shop = SHOP.every((name) => ordinary.includes(name));
  const steps = (shop ? SHOP : ordinary.slice(0, 3)).map((event) => ({ event }));
  if (steps.length < 2) return {};
  return { shop, ...(await api("/api/insights/funnel", round.signal, { steps, window: "P1D", ...round.frame })) };
}

function drawFunnel(body, { steps, shop, rate_finished, meta }) {
  if (!steps) return body.replaceChildren(blank("A funnel needs two kinds of events in this range."));
  const first = steps[0], last = steps.at(-1), share = (count) => (first.users ? count / first.users : 0);
  const which = shop ? "The steps of the shop" : `The ${steps.length} most frequent events`;
  const finished = rate_finished === null ? "" : ` Of those whose day is over, ${rate(rate_finished)} did.`;
  const rows = steps.map((step, at) => h("li", {},
    at ? p("between", `${number.format(step.dropped)} dropped off · ${number.format(step.in_progress)} still on the way · `
      + `${rate(step.rate_from_previous)} of the step before`) : null,
    h("div", { class: "label" }, h("span", {}, `${at + 1}.`, nameOf(step.event)), bold(`${number.format(step.users)} · ${rate(step.rate)}`)),
    rail(["done", share(step.users)], ["open", share(step.in_progress)])));
  const cells = steps.map((step) => [nameOf(step.event), number.format(step.users), rate(step.rate), rate(step.rate_from_previous),
    number.format(step.dropped), number.format(step.in_progress), step.seconds ? duration(step.seconds.median) : "–"]);
  body.replaceChildren(
    p("summary", `${which}, in this order and within one day: ${number.format(last.users)} of ${people(first.users)} `
      + `(${rate(last.rate)}) reached `, nameOf(last.event), `.${finished}`),
    h("ol", { class: "steps", "aria-label": "Steps of the funnel" }, ...rows),
    byId("funnel-key").content.cloneNode(true), metaLine(meta),
    behind("Funnel by step", ["Step", "People", "Of first", "Of previous", "Lost", "On the way", "Median time"], cells));
}

/** An empty range asks once more, about the last year: nothing yet and nothing lately are told apart. */
async function loadEvents(round) {
  const found = await round.catalog();
  return { found, ever: found.events.length ? found : await api("/api/catalog/events?since=P366D", round.signal) };
}

function drawEvents(body, { found: { events, since, excluded_bots }, ever }, { range }) {
  const page = byId("page"), notice = byId("notice"), waited = page.dataset.state === "none";
  const newest = ever.events.toSorted((one, other) => Date.parse(other.last_seen) - Date.parse(one.last_seen))[0];
  page.dataset.state = events.length ? "some" : newest ? "earlier" : "none";
  notice.hidden = !newest || (events.length > 0 && !waited);
  if (!notice.hidden) notice.replaceChildren(waited ? "The first event is here: " : `Nothing in the last ${range.title}. `
    + `The newest event is from ${moment.format(new Date(newest.last_seen))}: `, nameOf(newest.event));
  if (!events.length) return body.replaceChildren(blank("No events in this range."));
  const isToday = (text) => shortDay.format(new Date(text)) === shortDay.format(new Date());
  const ours = events.some((one) => one.event.startsWith("$")) ? " Names with $ are not in the totals above." : "";
  body.replaceChildren(
    table("Events by name", ["Name", "Events", "People", "Sessions", "Last seen"], events.map((one) => [nameOf(one.event),
      number.format(one.count), number.format(one.people), number.format(one.sessions),
      timeOf(one.last_seen, isToday(one.last_seen) ? minutes : shortDay)])),
    p("meta", `Since ${moment.format(new Date(since))} · ${many(excluded_bots, "bot event")} hidden.${ours}`));
}

function drawComponents(body, { totalInteracciones: total, porComponente: components, porAccion: actions }) {
  if (!components.length) return body.replaceChildren(blank("No component_interaction events so far."));
  const of = (component) => actions.filter((one) => one._id.componente === component).slice(0, 4);
  body.replaceChildren(
    p("summary", `${many(total, "interaction")} since the first event, whatever the range above.`),
    h("ol", { class: "ranking" }, ...components.map(({ _id, count }) => h("li", {},
      h("div", { class: "label" }, nameOf(_id), bold(number.format(count))), rail(["done", count / components[0].count]),
      p("quiet", ...of(_id).flatMap((one, at) => [at ? " · " : "", nameOf(one._id.accion), ` ${number.format(one.count)}`]))))));
}

function feedRow(event) {
  const place = event.component ? [event.component, event.action].filter(Boolean).join(" · ") : event.page ?? event.url;
  const who = event.user_id ?? event.anonymous_id ?? event.person_id;
  const rest = [place, who && `by ${who}`, event.device, event.browser].filter(Boolean).map(readable).join(" · ");
  return h("li", { "data-id": event.event_id }, timeOf(event.timestamp, clock),
    h("div", {}, nameOf(event.event), event.bot ? h("span", { class: "chip" }, "bot") : null), p("quiet", h("bdi", {}, rest)));
}

/** Rows that stay keep their element: neither the scroll position nor a selection jumps. */
function drawLive(body, { data }) {
  if (!data.length) return body.replaceChildren(blank("Nothing has arrived yet."));
  const old = body.querySelector(".feed"), feed = old ?? h("ol", { class: "feed", tabindex: 0, "aria-label": "Newest events" });
  if (!old) body.replaceChildren(feed, p("meta", `The newest 25, bots included, every ${BEAT / 1000} seconds. Times in ${zoneName}.`));
  const known = new Map(Array.from(feed.children, (row) => [row.dataset.id, row]));
  const rows = data.map((event) => known.get(event.event_id) ?? feedRow(event));
  for (const row of known.values()) if (!rows.includes(row)) row.remove();
  rows.forEach((row, at) => {
    if (old && !known.has(row.dataset.id)) row.classList.add("fresh");
    if (feed.children[at] !== row) feed.insertBefore(row, feed.children[at] ?? null);
  });
}

// ── tiles, rounds, the clock ─────────────────────────────────────────────────────────────────────────────────

/** `quick`: read at every beat. `still`: not redrawn under a pointer or the focus. `need`: what takes signing in. */
const tiles = {
  numbers: { what: "The totals", load: (round) => round.trend(), draw: drawNumbers },
  pipeline: { what: "The queue", load: (round) => api("/api/ingest/status", round.signal), draw: drawPipeline, quick: true },
  trend: { what: "The trend", load: (round) => round.trend(), draw: drawTrend, still: true },
  funnel: { what: "The funnel", load: loadFunnel, draw: drawFunnel, still: true },
  events: { what: "The list of events", load: loadEvents, draw: drawEvents, still: true },
  components: { what: "Top components", load: (round) => api("/api/tracking/stats", round.signal), draw: drawComponents, still: true },
  live: { what: "The newest events", need: "Reading single events", quick: true, draw: drawLive,
    load: (round) => api("/api/events?limit=25", round.signal) },
};
const ALL = Object.keys(tiles);
let controller = new AbortController(), paused = false, beat = 0, timer;

/** One reading of the page: local days or hours up to the running one; what two tiles ask is asked once. */
function newRound() {
  const key = location.hash.slice(1).toLowerCase(), range = RANGES[Object.hasOwn(RANGES, key) ? key : DEFAULT_RANGE];
  const now = new Date(), hour = new Date(now).setMinutes(0, 0, 0), { signal } = controller;
  const hours = (on) => new Date(hour + on * 3_600_000), days = (on) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + on);
  const bare = (at) => `${at.getFullYear()}-${`${at.getMonth() + 1}`.padStart(2, "0")}-${`${at.getDate()}`.padStart(2, "0")}`;
  const start = range.hours ? hours(1 - range.hours) : days(1 - range.days);
  const frame = range.hours ? { from: start.toISOString(), to: hours(1).toISOString(), timezone: ZONE }
    : { from: bare(start), to: bare(days(1)), timezone: ZONE };
  const once = (ask, answer) => () => (answer ??= ask());
  const series = ["count", "unique_users", "unique_sessions"].map((measure) => ({ event: "*", measure }));
  return {
    range, start, signal, frame,
    trend: once(() => api("/api/insights/trend", signal, { series, interval: range.unit, ...frame })),
    catalog: once(() => api(`/api/catalog/events?since=PT${((Date.now() - start) / 1000).toFixed(3)}S`, signal)),
  };
}

async function show(id, round, quiet) {
  const tile = tiles[id], section = byId(id), body = section.querySelector(".body"), note = section.querySelector(".note");
  const inUse = () => quiet && tile.still && (section.matches(":hover") || section.contains(document.activeElement));
  if ((quiet && tile.busy) || inUse()) return;
  const turn = (tile.turn = (tile.turn ?? 0) + 1);
  tile.busy = true;
  if (!quiet) section.setAttribute("aria-busy", "true");
  let problem = null;
  try {
    const answer = await tile.load(round);
    if (turn === tile.turn && !inUse()) tile.draw(body, answer, round);
  } catch (error) {
    problem = error;
  }
  if (turn !== tile.turn) return; // the range changed meanwhile: a newer reading is on its way
  if (problem && !quiet) body.replaceChildren();
  if (problem && !(problem instanceof Failure)) console.error(problem);
  tile.busy = false;
  tile.locked = [401, 403].includes(problem?.status);
  section.removeAttribute("aria-busy");
  section.classList.toggle("failed", problem !== null);
  note.hidden = problem === null;
  if (problem) note.replaceChildren(...explain(id, problem));
}

function explain(id, problem) {
  const { what, locked, need = `Seeing ${what.toLowerCase()}` } = tiles[id];
  if (locked) return [`${need} needs signing in: open the link that `, h("code", {}, "footfall serve"), " printed."];
  const retry = h("button", { type: "button" }, "Try again");
  retry.addEventListener("click", () => show(id, newRound(), false));
  return [`${what} could not be ${problem instanceof Failure ? "loaded" : "drawn"}. ${readable(problem.message)}`, retry];
}

async function refresh(ids, quiet) {
  const round = newRound();
  byId("span").textContent = `${dates.formatRange(round.start, new Date())} · ${zoneName}`;
  await Promise.all(ids.map((id) => show(id, round, quiet)));
}

async function tick() {
  clearTimeout(timer);
  if (document.hidden) return;
  beat += 1;
  const all = beat % SLOW === 0 || byId("page").dataset.state === "none";
  const due = (id) => (all || (tiles[id].quick && !tiles[id].locked)) && !(paused && id === "live");
  await refresh(ALL.filter(due), true);
  clearTimeout(timer);
  timer = setTimeout(tick, BEAT);
}

function turnTo() {
  controller.abort();
  controller = new AbortController();
  const { range } = newRound();
  for (const link of document.querySelectorAll(".ranges a")) {
    if (RANGES[link.hash.slice(1)] === range) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  document.title = `${range.title} · Footfall`;
  byId("notice").hidden = true;
  refresh(ALL, false);
}

byId("curl").textContent = `curl -X POST ${location.origin}/api/events/collect \\
  -H 'Authorization: Bearer KEY' \\
  -H 'content-type: application/json' \\
  -d '{"event":"page_view","anonymous_id":"me","page":"/"}'`;
byId("pause").addEventListener("click", ({ currentTarget }) => {
  paused = !paused;
  currentTarget.setAttribute("aria-pressed", String(paused));
  if (!paused) tick();
});
addEventListener("hashchange", turnTo);
document.addEventListener("visibilitychange", tick);
turnTo();
timer = setTimeout(tick, BEAT);
