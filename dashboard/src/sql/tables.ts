/** What a statement may read, as docs/guide/sql.md has it (a test holds the two together), and statements to begin with. */

export interface SqlColumn {
  name: string;
  type: string;
  is: string;
}

export interface SqlTable {
  name: string;
  is: string;
  columns: readonly SqlColumn[];
}

export const TABLES: readonly SqlTable[] = [
  {
    name: "events",
    is: "One row an event. Times are in UTC, an empty text is unknown, and bots are in it: write NOT bot where they should not count.",
    columns: [
      { name: "event", type: "LowCardinality(String)", is: "the name" },
      { name: "event_id", type: "String", is: "its id; in a project, each is there once" },
      { name: "timestamp", type: "DateTime64(3, 'UTC')", is: "when it happened, by the server's clock" },
      { name: "received_at", type: "DateTime64(3, 'UTC')", is: "when it arrived" },
      { name: "sent_at", type: "Nullable(DateTime64(3, 'UTC'))", is: "the client's clock when it was sent" },
      { name: "seq", type: "Nullable(Int64)", is: "the client's own count" },
      { name: "user_id", type: "String", is: "the signed-in user of the event" },
      { name: "anonymous_id", type: "String", is: "the device" },
      { name: "session_id", type: "String", is: "the visit, as the client named it" },
      { name: "page", type: "String", is: "path, or name, of the page" },
      { name: "url", type: "String", is: "its address, without what may be a token" },
      { name: "referrer", type: "String", is: "where the visitor came from" },
      { name: "title", type: "String", is: "the page's title" },
      { name: "section", type: "String", is: "part of the page" },
      { name: "component", type: "String", is: "component of the application" },
      { name: "component_hash", type: "String", is: "its version" },
      { name: "action", type: "String", is: "what was done with it" },
      { name: "locale", type: "LowCardinality(String)", is: "language" },
      { name: "screen", type: "LowCardinality(String)", is: "size of the screen" },
      { name: "app_version", type: "LowCardinality(String)", is: "version of the application" },
      { name: "event_version", type: "LowCardinality(String)", is: "version of the tracking plan that it names" },
      { name: "device", type: "LowCardinality(String)", is: "desktop, mobile or tablet" },
      { name: "browser", type: "LowCardinality(String)", is: "browser" },
      { name: "os", type: "LowCardinality(String)", is: "operating system" },
      { name: "utm_source", type: "String", is: "campaign: where from" },
      { name: "utm_medium", type: "String", is: "campaign: by what" },
      { name: "utm_campaign", type: "String", is: "campaign: its name" },
      { name: "utm_term", type: "String", is: "campaign: term" },
      { name: "utm_content", type: "String", is: "campaign: content" },
      { name: "groups", type: "Map(LowCardinality(String), String)", is: "groups['organization']" },
      {
        name: "properties",
        type: "JSON(max_dynamic_paths=256)",
        is: "properties.cart.total, properties.seats::Int64, JSONExtractString(properties, 'plan')",
      },
      { name: "sent", type: "String", is: "the properties as text, letter for letter as they were sent" },
      { name: "bot", type: "Bool", is: "whether a robot did it" },
      { name: "flags", type: "Array(LowCardinality(String))", is: "remarks, such as timestamp_in_future" },
      {
        name: "violations",
        type: "Array(LowCardinality(String))",
        is: "what a tracking plan has against it, each as JSON",
      },
      {
        name: "redacted",
        type: "Map(LowCardinality(String), LowCardinality(String))",
        is: "by path, why something was taken away",
      },
      {
        name: "user_type",
        type: "LowCardinality(String)",
        is: "registered when the event had a user id, else anonymous",
      },
      {
        name: "person_id",
        type: "String",
        is: "the person as everywhere here: the linked user, else the device, else the visit; empty is nobody",
      },
    ],
  },
  {
    name: "event_hourly_mv",
    is: "Events by the hour, without bots. Unique numbers of several hours do not add up.",
    columns: [
      { name: "event", type: "LowCardinality(String)", is: "the name" },
      { name: "page", type: "String", is: "the page" },
      { name: "device", type: "LowCardinality(String)", is: "the kind of device" },
      { name: "hour", type: "DateTime('UTC')", is: "start of the hour" },
      { name: "event_count", type: "UInt64", is: "events" },
      { name: "unique_users", type: "UInt64", is: "people among them" },
      { name: "unique_sessions", type: "UInt64", is: "sessions among them" },
    ],
  },
];

export interface Example {
  title: string;
  query: string;
}

/** `zone` is the project's, in which days are meant. */
export function examplesFor(zone: string): readonly Example[] {
  return [
    {
      title: "What arrived in the last hour",
      query: `SELECT event, count() AS total, uniqExact(session_id) AS sessions, min(timestamp) AS first, max(timestamp) AS last
FROM events
WHERE timestamp >= now() - INTERVAL 1 HOUR
GROUP BY event
ORDER BY total DESC`,
    },
    {
      title: "People by local day",
      query: `SELECT toDate(timestamp, '${zone}') AS day, uniqExact(person_id) AS people
FROM events
WHERE NOT bot AND person_id != '' AND timestamp >= now() - INTERVAL 30 DAY
GROUP BY day
ORDER BY day`,
    },
    {
      title: "Pages, with views and people",
      query: `SELECT page, count() AS views, uniqExact(person_id) AS people
FROM events
WHERE event = 'page_view' AND NOT bot
GROUP BY page
ORDER BY views DESC, page
LIMIT 100`,
    },
    {
      title: "A funnel of half an hour",
      query: `SELECT
  countIf(level >= 1) AS page_view,
  countIf(level >= 2) AS add_to_cart,
  countIf(level >= 3) AS purchase
FROM (
  SELECT person_id, windowFunnel(1800)(toDateTime(timestamp),
    event = 'page_view', event = 'add_to_cart', event = 'purchase') AS level
  FROM events
  WHERE timestamp >= now() - INTERVAL 30 DAY AND NOT bot
  GROUP BY person_id
)`,
    },
    {
      title: "What a property holds",
      query: `SELECT JSONExtractString(properties, 'plan') AS plan, count() AS events
FROM events
WHERE plan != ''
GROUP BY plan
ORDER BY events DESC`,
    },
  ];
}
