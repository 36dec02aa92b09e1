/** The words of the API, taken from its OpenAPI document; `make` writes `schema.d.ts`. */

import type { components } from "./schema";

export type Schemas = components["schemas"];

/** Each kind of question: what is asked, what is answered, and how one number of the answer is pointed at. */
export interface Insights {
  trend: { request: Schemas["trend_Request"]; answer: Schemas["trend_Answer"]; pointer: Schemas["trend_Pointer"] };
  funnel: {
    request: Schemas["attempts_Request"];
    answer: Schemas["funnel_Answer"];
    pointer: Schemas["funnel_Pointer"];
  };
  retention: {
    request: Schemas["retention_Request"];
    answer: Schemas["retention_Answer"];
    pointer: Schemas["retention_Pointer"];
  };
  lifecycle: {
    request: Schemas["lifecycle_Request"];
    answer: Schemas["lifecycle_Answer"];
    pointer: Schemas["lifecycle_Pointer"];
  };
  stickiness: {
    request: Schemas["stickiness_Request"];
    answer: Schemas["stickiness_Answer"];
    pointer: Schemas["stickiness_Pointer"];
  };
  sessions: {
    request: Schemas["sessions_Request"];
    answer: Schemas["sessions_Answer"];
    pointer: Schemas["sessions_Pointer"];
  };
  dwell: { request: Schemas["dwell_Request"]; answer: Schemas["dwell_Answer"]; pointer: Schemas["dwell_Pointer"] };
  paths: { request: Schemas["paths_Request"]; answer: Schemas["paths_Answer"]; pointer: Schemas["paths_Pointer"] };
  components: {
    request: Schemas["components_Request"];
    answer: Schemas["components_Answer"];
    pointer: Schemas["components_Pointer"];
  };
  overview: {
    request: Schemas["overview_Request"];
    answer: Schemas["overview_Answer"];
    pointer: Schemas["overview_Pointer"];
  };
}

export type Kind = keyof Insights;
export type Unit = "people" | "events" | "sessions";
export const FILE_FORMATS = ["csv", "json", "parquet"] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

export type Filter = Schemas["Filter"];
export type Interval = NonNullable<Insights["trend"]["request"]["interval"]>;
export type Meta = Schemas["Meta"];
/** An event as it was sent, with what the server added (`contract.md`, "Events in"). */
export interface Event {
  event: string;
  event_id: string;
  timestamp: string;
  received_at: string;
  person_id: string | null;
  user_id: string | null;
  anonymous_id: string | null;
  session_id: string | null;
  page: string | null;
  component: string | null;
  action: string | null;
  device: string | null;
  browser: string | null;
  os: string | null;
  bot: boolean;
  properties: Record<string, unknown>;
  [field: string]: unknown;
}
export type Person = Schemas["Person"];
export type Session = Schemas["Session"];
export type Project = Schemas["ShownProject"];
export type Me = Schemas["Me"];
export type Role = Me["roles"][string];
