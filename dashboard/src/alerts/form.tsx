/** The fields of a rule: those that its type has, and those of every rule. */

import { ActionIcon, Fieldset, Group, MultiSelect, Select, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import type { Mute, Rule, RuleType } from "../api/alerts";
import { Choice } from "../parts/choice";
import { Filters } from "../parts/filters";
import { NumberField } from "../parts/number-field";
import { EventPicker, PropertyPicker } from "../parts/pickers";
import { Channels, More } from "./channels";
import { countsPeople, type Field, spanWords, TYPES, WINDOWS, WINDOWS_OF_PEOPLE } from "./words";

interface FieldsProps {
  draft: Rule;
  change: (rule: Rule) => void;
}

/** What it is called, and when it fires. */
export function Conditions({ draft, change }: FieldsProps) {
  const put = (changes: Partial<Rule>) => change({ ...draft, ...changes });
  const { fields } = TYPES[draft.type];
  const event = draft.numeratorEvent && fields.includes("rate") ? draft.numeratorEvent : (draft.event ?? "*");
  return (
    <Stack gap="md">
      <Group align="end" gap="sm">
        <TextInput
          label="Name"
          flex={1}
          miw={200}
          maxLength={200}
          value={draft.name ?? ""}
          onChange={(typed) => put({ name: typed.currentTarget.value })}
        />
        <Switch
          label="On"
          mb={8}
          checked={draft.enabled !== false}
          onChange={(toggled) => put({ enabled: toggled.currentTarget.checked })}
        />
      </Group>
      <Fieldset legend="Fires when">
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <Select
              label="Type"
              value={draft.type}
              allowDeselect={false}
              data={Object.entries(TYPES).map(([value, { title }]) => ({ value, label: title }))}
              onChange={(type) => type && put({ type: type as RuleType })}
            />
            <WindowField draft={draft} put={put} />
            {fields.map((field) => {
              const Part = PARTS[field];
              return <Part key={field} draft={draft} put={put} />;
            })}
            <Minutes
              label="For at least, in minutes"
              value={draft.forMinutes ?? 0}
              onChange={(forMinutes) => put({ forMinutes })}
            />
          </SimpleGrid>
          {fields.includes("steps") && <Steps draft={draft} put={put} />}
          <Filters
            filters={draft.filters ?? []}
            event={event}
            label="Only events where"
            onChange={(filters) => put({ filters: filters as Rule["filters"] & object })}
          />
        </Stack>
      </Fieldset>
    </Stack>
  );
}

/** Whom it tells, how often, and when not. `known`: the server has it already, and shows nothing of its secrets. */
export function Telling({ draft, change, known }: FieldsProps & { known: boolean }) {
  const put = (changes: Partial<Rule>) => change({ ...draft, ...changes });
  return (
    <Fieldset legend="Tells">
      <Stack gap="sm">
        <Channels channels={draft.channels ?? []} change={(channels) => put({ channels })} known={known}>
          Without a channel nobody is told; it stands in the history, and here.
        </Channels>
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
          <Choice
            label="Severity"
            w={160}
            value={draft.severity ?? "warning"}
            options={{ warning: "Warning", critical: "Critical" }}
            onChange={(severity) => put({ severity })}
          />
          <Minutes
            label="Again after, in minutes"
            value={draft.cooldownMinutes ?? 60}
            onChange={(cooldownMinutes) => put({ cooldownMinutes })}
          />
          <TextInput
            label="Owner"
            maxLength={200}
            value={draft.owner ?? ""}
            onChange={(typed) => put({ owner: typed.currentTarget.value || null })}
          />
        </SimpleGrid>
        <Mutes draft={draft} put={put} />
      </Stack>
    </Fieldset>
  );
}

interface PartProps {
  draft: Rule;
  put: (changes: Partial<Rule>) => void;
}

function WindowField({ draft, put }: PartProps) {
  const now = draft.windowMinutes ?? 60;
  const offered = countsPeople(draft) ? WINDOWS_OF_PEOPLE : WINDOWS;
  const all = offered.includes(now) ? offered : [...offered, now].sort((one, other) => one - other);
  return (
    <Select
      label="In"
      value={String(now)}
      allowDeselect={false}
      data={all.map((minutes) => ({ value: String(minutes), label: spanWords(minutes) }))}
      onChange={(minutes) => minutes && put({ windowMinutes: Number(minutes) })}
    />
  );
}

interface NumberProps {
  label: string;
  value: number | null | undefined;
  onChange: (value: number | null) => void;
  description?: string;
}

function Numeric({ label, value, onChange, description }: NumberProps) {
  return (
    <NumberField
      label={label}
      {...(description !== undefined && { description })}
      value={value ?? ""}
      onChange={(typed) => onChange(typed === "" ? null : Number(typed))}
    />
  );
}

function Minutes({ onChange, ...rest }: Omit<NumberProps, "onChange"> & { onChange: (minutes: number) => void }) {
  return <Numeric {...rest} onChange={(value) => onChange(Math.max(0, Math.round(value ?? 0)))} />;
}

const MEASURES = { count: "Events", unique_users: "People", unique_sessions: "Sessions" } as const;
const METHODS = {
  band: "Expected band",
  mad: "Median deviation",
  same_hour_percent: "Percent off the same hour",
} as const;
const DIRECTIONS = { both: "Either way", below: "Too few", above: "Too many" } as const;
const SENSITIVITIES = {
  low: "Low: one in a million",
  medium: "Medium: one in 10 000",
  high: "High: one in 1 000",
} as const;
const VERSUS = { previous: "The window before", previous_week: "The same time a week ago" } as const;

const PARTS: Readonly<Record<Field, (props: PartProps) => ReactNode>> = {
  event: ({ draft, put }) => (
    <EventPicker label="Event" value={draft.event ?? "*"} onChange={(event) => put({ event })} />
  ),
  rate: ({ draft, put }) => (
    <>
      <EventPicker
        label="Part"
        all={false}
        value={draft.numeratorEvent ?? ""}
        onChange={(numeratorEvent) => put({ numeratorEvent })}
      />
      <EventPicker
        label="Of the whole"
        value={draft.denominatorEvent ?? ""}
        onChange={(denominatorEvent) => put({ denominatorEvent })}
      />
    </>
  ),
  measure: ({ draft, put }) => (
    <Choice
      label="Counted"
      value={draft.measure ?? "count"}
      options={MEASURES}
      onChange={(measure) => {
        const people = measure !== "count" && !WINDOWS_OF_PEOPLE.includes(draft.windowMinutes ?? 60);
        put({ measure, ...(people && { windowMinutes: 60 }) });
      }}
    />
  ),
  steps: () => null,
  threshold: ({ draft, put }) => (
    <Numeric
      label={TYPES[draft.type].threshold ?? "Threshold"}
      value={draft.threshold}
      onChange={(threshold) => put({ threshold })}
    />
  ),
  recovery: ({ draft, put }) => (
    <Numeric
      label="Over only beyond"
      description="The threshold, unless said"
      value={draft.recoveryThreshold}
      onChange={(recoveryThreshold) => put({ recoveryThreshold })}
    />
  ),
  critical: ({ draft, put }) => (
    <Numeric
      label="Critical beyond"
      description="Whatever the severity is"
      value={draft.criticalThreshold}
      onChange={(criticalThreshold) => put({ criticalThreshold })}
    />
  ),
  method: ({ draft, put }) => (
    <>
      <Choice
        label="Unusual by"
        w={240}
        value={draft.method ?? "band"}
        options={METHODS}
        onChange={(method) => put({ method, percent: method === "same_hour_percent" ? (draft.percent ?? 50) : null })}
      />
      <Choice
        label="Which way"
        value={draft.direction ?? "both"}
        options={DIRECTIONS}
        onChange={(direction) => put({ direction })}
      />
      {(draft.method ?? "band") === "band" && (
        <Choice
          label="Sensitivity"
          w={240}
          value={typeof draft.sensitivity === "string" ? draft.sensitivity : "medium"}
          options={SENSITIVITIES}
          onChange={(sensitivity) => put({ sensitivity })}
        />
      )}
      {draft.method === "same_hour_percent" && (
        <Numeric label="Off by, in percent" value={draft.percent} onChange={(percent) => put({ percent })} />
      )}
    </>
  ),
  percent: ({ draft, put }) => (
    <Numeric
      label="Change, in percent"
      description="A fall is negative"
      value={draft.percent}
      onChange={(percent) => put({ percent })}
    />
  ),
  versus: ({ draft, put }) => (
    <Choice
      label="Against"
      w={240}
      value={draft.versus ?? "previous"}
      options={VERSUS}
      onChange={(versus) => put({ versus })}
    />
  ),
  samples: ({ draft, put }) => (
    <Numeric
      label="Samples that it takes"
      value={draft.minSamples ?? 30}
      onChange={(minSamples) => put({ minSamples: Math.max(0, Math.round(minSamples ?? 0)) })}
    />
  ),
  group: ({ draft, put }) =>
    countsPeople(draft) ? null : (
      <PropertyPicker
        label="For each value of"
        event={draft.event ?? "*"}
        value={draft.groupBy ?? ""}
        onChange={(groupBy) => put({ groupBy: groupBy || null })}
        settled
      />
    ),
};

// ── steps ──────────────────────────────────────────────────────────────────────────────────────────────────────

function Steps({ draft, put }: PartProps) {
  const steps = draft.steps?.length ? draft.steps : [{ event: "" }, { event: "" }];
  const change = (place: number, event: string) =>
    put({ steps: steps.map((step, at) => (at === place ? { ...step, event } : step)) });
  return (
    <Stack gap="xs">
      {steps.map((step, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
        <Group key={place} align="end" gap={6} wrap="nowrap">
          <EventPicker label={`Step ${place + 1}`} value={step.event} onChange={(event) => change(place, event)} />
          {steps.length > 2 && (
            <ActionIcon
              mb={4}
              aria-label={`Remove step ${place + 1}`}
              onClick={() => put({ steps: steps.filter((_, at) => at !== place) })}
            >
              <X size={14} />
            </ActionIcon>
          )}
        </Group>
      ))}
      <More words="Another step" onClick={() => put({ steps: [...steps, { event: "" }] })} />
    </Stack>
  );
}

// ── times in which nobody is told ──────────────────────────────────────────────────────────────────────────────

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

function Mutes({ draft, put }: PartProps) {
  const mutes = draft.mute ?? [];
  const change = (place: number, changes: Partial<Mute>) =>
    put({ mute: mutes.map((one, at) => (at === place ? { ...one, ...changes } : one)) });
  return (
    <Stack gap="xs">
      {mutes.map((mute, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a time is its place
        <Group key={place} align="end" gap={6}>
          <MultiSelect
            label="Nobody is told on"
            placeholder={mute.days?.length ? "" : "Every day"}
            flex={1}
            miw={180}
            value={[...(mute.days ?? [])]}
            data={DAYS.map((day) => ({ value: day, label: day[0]?.toUpperCase() + day.slice(1) }))}
            onChange={(days) => change(place, { days: days as Mute["days"] & object })}
          />
          <TextInput
            label="From"
            type="time"
            value={mute.from ?? "00:00"}
            onChange={(typed) => change(place, { from: typed.currentTarget.value })}
          />
          <TextInput
            label="Until"
            type="time"
            value={mute.until ?? "00:00"}
            onChange={(typed) => change(place, { until: typed.currentTarget.value })}
          />
          <ActionIcon
            mb={4}
            aria-label="Remove this time"
            onClick={() => put({ mute: mutes.filter((_, at) => at !== place) })}
          >
            <X size={14} />
          </ActionIcon>
        </Group>
      ))}
      <More
        words="A time in which nobody is told"
        onClick={() => put({ mute: [...mutes, { days: [], from: "22:00", until: "06:00" }] })}
      />
    </Stack>
  );
}
