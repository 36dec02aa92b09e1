/** Rules in words: what each type asks for, how one says a rule, its states and its channels. */

import type { Channel, Rule, RuleState, RuleType, ShownRule } from "../api/alerts";
import { count, eventName, signed } from "../state/words";

/** The fields of a form that a type of rule has beside those that all have. */
export type Field =
  | "event"
  | "rate"
  | "measure"
  | "steps"
  | "threshold"
  | "recovery"
  | "critical"
  | "method"
  | "percent"
  | "versus"
  | "samples"
  | "group";

interface TypeRow {
  title: string;
  /** What `threshold` is, where there is one. */
  threshold?: string;
  fields: readonly Field[];
  says: (rule: Rule) => string;
}

export const TYPES: Readonly<Record<RuleType, TypeRow>> = {
  volume_below: {
    title: "Fewer than",
    threshold: "Fewer than",
    fields: ["event", "measure", "threshold", "recovery", "critical", "group"],
    says: (rule) => `fewer than ${numberOf(rule.threshold)} ${thing(rule)}`,
  },
  volume_above: {
    title: "More than",
    threshold: "More than",
    fields: ["event", "measure", "threshold", "recovery", "critical", "group"],
    says: (rule) => `more than ${numberOf(rule.threshold)} ${thing(rule)}`,
  },
  rate_below: {
    title: "Rate below",
    threshold: "Below, in percent",
    fields: ["rate", "threshold", "samples", "recovery", "critical", "group"],
    says: (rule) => `${rateOf(rule)} below ${numberOf(rule.threshold)} %`,
  },
  rate_above: {
    title: "Rate above",
    threshold: "Above, in percent",
    fields: ["rate", "threshold", "samples", "recovery", "critical", "group"],
    says: (rule) => `${rateOf(rule)} above ${numberOf(rule.threshold)} %`,
  },
  anomaly: {
    title: "Unusual number",
    fields: ["event", "measure", "method", "group"],
    says: (rule) => `an unusual number of ${thing(rule)}`,
  },
  absence: {
    title: "Absence",
    threshold: "Times the usual gap",
    fields: ["event", "threshold", "group"],
    says: (rule) => `no ${thing(rule)} for ${numberOf(rule.threshold ?? 3)} times the usual gap`,
  },
  change_percent: {
    title: "Change",
    fields: ["event", "measure", "percent", "versus", "group"],
    says: (rule) =>
      `${thing(rule)} ${signed(rule.percent ?? 0)} % against ${rule.versus === "previous_week" ? "the same time a week ago" : "the window before"}`,
  },
  funnel_conversion: {
    title: "Conversion below",
    threshold: "Below, in percent",
    fields: ["steps", "threshold", "samples", "recovery", "critical"],
    says: (rule) =>
      `conversion ${(rule.steps ?? []).map((step) => eventName(step.event)).join(" → ")} below ${numberOf(rule.threshold)} %`,
  },
};

function numberOf(value: number | null | undefined): string {
  return value === null || value === undefined ? "…" : count(value);
}

const MEASURES = { count: "", unique_users: "people with ", unique_sessions: "sessions with " } as const;

function thing(rule: Rule): string {
  const event = rule.event ?? "*";
  return MEASURES[rule.measure ?? "count"] + (event === "*" ? "events" : eventName(event));
}

function rateOf(rule: Rule): string {
  return `${eventName(rule.numeratorEvent ?? "…")} of ${eventName(rule.denominatorEvent ?? "…")}`;
}

/** What a rule is of, in a column of its own. */
export function subjectOf(rule: Rule): string {
  if (rule.type === "rate_below" || rule.type === "rate_above") return rateOf(rule);
  if (rule.type === "funnel_conversion")
    return (rule.steps ?? []).map((step) => eventName(step.event)).join(" → ") || "…";
  return thing(rule);
}

export function ruleWords(rule: Rule): string {
  return `${TYPES[rule.type].says(rule)} in ${spanWords(rule.windowMinutes ?? 60)}`;
}

const SPANS = [
  [7 * 24 * 60, "week"],
  [24 * 60, "day"],
  [60, "hour"],
] as const;

/** Minutes in the largest unit of which they are a whole number. */
export function spanWords(minutes: number): string {
  for (const [length, name] of SPANS) {
    const times = minutes / length;
    if (Number.isInteger(times) && times > 0) return times === 1 ? `1 ${name}` : `${times} ${name}s`;
  }
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}

/** Windows that are offered; people are counted by intervals of other questions. */
export const WINDOWS = [1, 5, 15, 30, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 7 * 24 * 60];
export const WINDOWS_OF_PEOPLE = [60, 24 * 60, 7 * 24 * 60];

export function countsPeople(rule: Rule): boolean {
  return rule.type === "funnel_conversion" || (rule.measure ?? "count") !== "count";
}

// ── how a rule stands ──────────────────────────────────────────────────────────────────────────────────────────

interface StateRow {
  words: string;
  meaning: string;
  colour: string;
  /** The smaller, the sooner somebody should look. */
  urgency: number;
}

export const STATES: Readonly<Record<RuleState, StateRow>> = {
  firing: { words: "Firing", meaning: "It is broken now.", colour: "red", urgency: 0 },
  flapping: {
    words: "Flapping",
    meaning: "It comes and goes too often to be told each time.",
    colour: "red",
    urgency: 1,
  },
  recovering: { words: "Recovering", meaning: "It is over, and not yet for good.", colour: "orange", urgency: 2 },
  pending: { words: "Pending", meaning: "It is broken, but not for long enough yet.", colour: "orange", urgency: 3 },
  muted: { words: "Muted", meaning: "It is broken, and nobody is told at this time.", colour: "orange", urgency: 4 },
  no_data: { words: "No data", meaning: "There are no numbers to judge by.", colour: "gray", urgency: 5 },
  insufficient_data: {
    words: "Too few",
    meaning: "There are too few samples for a rate.",
    colour: "gray",
    urgency: 6,
  },
  learning: {
    words: "Learning",
    meaning: "There is too little of the past to compare with.",
    colour: "gray",
    urgency: 7,
  },
  ok: { words: "OK", meaning: "All is as it should be.", colour: "teal", urgency: 8 },
};

/** Broken ones first, then those that are on, each by name. */
export function byUrgency(rules: readonly ShownRule[]): ShownRule[] {
  const urgency = (rule: ShownRule) => (rule.enabled === false ? 100 : rule.state ? STATES[rule.state].urgency : 50);
  return [...rules].sort((one, other) => urgency(one) - urgency(other) || nameOf(one).localeCompare(nameOf(other)));
}

export function isFiring(rule: ShownRule): boolean {
  return rule.enabled !== false && (rule.state === "firing" || rule.state === "flapping");
}

export function nameOf(rule: Rule): string {
  return rule.name || rule.id || ruleWords(rule);
}

export function isSnoozed(rule: Rule, now: number): boolean {
  return (rule.snoozedUntil ?? 0) > now;
}

// ── channels ───────────────────────────────────────────────────────────────────────────────────────────────────

interface ChannelRow {
  title: string;
  target: string;
  example: string;
  /** What it is signed or let in with, where it is; whether it has to be. */
  secret?: string;
}

export const CHANNELS: Readonly<Record<Channel["type"], ChannelRow>> = {
  slack: { title: "Slack", target: "Webhook address", example: "https://hooks.slack.com/services/…" },
  webhook: {
    title: "Webhook",
    target: "Address",
    example: "https://ops.example/hook",
    secret: "Secret to sign with (optional)",
  },
  email: { title: "E-mail", target: "Address", example: "ops@example.org" },
  teams: { title: "Teams", target: "Webhook address", example: "https://….webhook.office.com/…" },
  discord: { title: "Discord", target: "Webhook address", example: "https://discord.com/api/webhooks/…" },
  telegram: { title: "Telegram", target: "Chat", example: "-1001234567890", secret: "Token of the bot" },
  pagerduty: { title: "PagerDuty", target: "Routing key", example: "R0UT1NG…" },
  alertmanager: { title: "Alertmanager", target: "Address", example: "https://alertmanager.example" },
  wecom: {
    title: "WeCom",
    target: "Webhook address",
    example: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
  },
  dingtalk: {
    title: "DingTalk",
    target: "Webhook address",
    example: "https://oapi.dingtalk.com/robot/send?access_token=…",
    secret: "Secret to sign with (optional)",
  },
  feishu: {
    title: "Feishu",
    target: "Webhook address",
    example: "https://open.feishu.cn/open-apis/bot/v2/hook/…",
    secret: "Secret to sign with (optional)",
  },
};

export function channelWords({ channels }: Pick<Rule, "channels">): string {
  const titles = (channels ?? []).map((channel) => CHANNELS[channel.type].title);
  return [...new Set(titles)].join(", ") || "none";
}

// ── drafts ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** In the address, in the place of an id: ids of rules have no blanks. */
export const NEW = "new rule";

export const NEW_RULE: Rule = {
  type: "volume_below",
  event: "*",
  windowMinutes: 60,
  cooldownMinutes: 60,
  severity: "warning",
  enabled: true,
};

/** What belongs to every rule. */
const COMMON = [
  "id", "name", "type", "windowMinutes", "cooldownMinutes", "severity", "channels", "enabled", "filters", "forMinutes",
  "mute", "owner", "snoozedUntil",
] as const; // biome-ignore format: a table

const OF_FIELD: Readonly<Record<Field, readonly (keyof Rule)[]>> = {
  event: ["event"],
  rate: ["numeratorEvent", "denominatorEvent"],
  measure: ["measure"],
  steps: ["steps", "funnelWindow"],
  threshold: ["threshold"],
  recovery: ["recoveryThreshold"],
  critical: ["criticalThreshold"],
  method: ["method", "direction", "sensitivity", "percent", "threshold"],
  percent: ["percent"],
  versus: ["versus"],
  samples: ["minSamples"],
  group: ["groupBy"],
};

/** The rule without what its type does not have, and without what says nothing. */
export function cleaned(draft: Rule): Rule {
  const names = new Set<string>([...COMMON, ...TYPES[draft.type].fields.flatMap((field) => OF_FIELD[field])]);
  const said = Object.entries(draft).filter(
    ([name, value]) => names.has(name) && value !== null && value !== undefined && value !== "",
  );
  const rule = Object.fromEntries(said) as unknown as Rule;
  if (countsPeople(rule)) delete rule.groupBy;
  return rule;
}

/** Whether there is enough of it to ask what it would have said. */
export function isWhole(rule: Rule): boolean {
  const { fields } = TYPES[rule.type];
  if (fields.includes("rate") && !(rule.numeratorEvent && rule.denominatorEvent)) return false;
  if (fields.includes("steps") && (rule.steps ?? []).filter((step) => step.event).length < 2) return false;
  if (fields.includes("percent") && !rule.percent) return false;
  const needs = fields.includes("threshold") && rule.type !== "absence";
  return !needs || typeof rule.threshold === "number";
}

/** A part of a rule that an address says: a name of a type and of an event at least, or nothing of it. */
export function draftOf(found: Readonly<Record<string, unknown>> | undefined): Rule {
  const type = found?.type;
  if (typeof type !== "string" || !(type in TYPES)) return NEW_RULE;
  return { ...NEW_RULE, ...found, type: type as RuleType };
}
