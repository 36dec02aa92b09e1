/** What a funnel is asked by: its steps, what must not happen between them, and how long they may take. */

import { ActionIcon, Button, Group, Stack, Switch, Text } from "@mantine/core";
import { ArrowDown, ArrowUp, Plus, Trash2, X } from "lucide-react";
import type { Schemas } from "../api/types";
import { Choice } from "../parts/choice";
import { CommonFields } from "../parts/common-fields";
import { Filters } from "../parts/filters";
import { EventPicker } from "../parts/pickers";
import { SpanField } from "../parts/span-field";
import { without } from "../state/view";
import type { FormProps, Own } from "./kind";
import { alternativesOf, moved, stepOf, WINDOW } from "./steps";

type Step = Schemas["insights_attempts_Step"];
type Exclusion = Schemas["Exclusion"];

const MOST_STEPS = 20;
const MOST_EXCLUSIONS = 10;
const LONGEST_WINDOW = 366 * 86_400;

const ORDERS: Record<NonNullable<Own<"funnel">["order"]>, string> = {
  ordered: "in this order",
  strict: "strictly, nothing between",
  unordered: "in any order",
};

const MODES: Record<NonNullable<Own<"funnel">["exclusion_mode"]>, string> = {
  attempt: "ends the attempt",
  person: "leaves the person out",
};

export function Form({ own, change }: FormProps<"funnel">) {
  const { steps, exclusions = [], order = "ordered" } = own;
  const putSteps = (next: Step[]) => change({ ...own, steps: next });
  return (
    <Stack gap="sm">
      <Stack component="ol" gap="sm" m={0} p={0} style={{ listStyle: "none" }} aria-label="Steps">
        {steps.map((step, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
          <li key={place}>
            <StepFields
              step={step}
              place={place}
              last={steps.length - 1}
              put={(changed) => putSteps(steps.with(place, changed))}
              move={(by) => putSteps(moved(steps, place, by))}
              remove={() => putSteps(steps.toSpliced(place, 1))}
            />
          </li>
        ))}
      </Stack>
      {order !== "unordered" &&
        exclusions.map((exclusion, place) => (
          <ExclusionFields
            // biome-ignore lint/suspicious/noArrayIndexKey: an exclusion is its place
            key={place}
            exclusion={exclusion}
            steps={steps.length}
            put={(changed) => change({ ...own, exclusions: exclusions.with(place, changed) })}
            remove={() => change({ ...own, exclusions: exclusions.toSpliced(place, 1) })}
          />
        ))}
      <CommonFields own={own} change={change} event={alternativesOf(steps[0] ?? {})[0]?.event ?? "*"}>
        <Button
          variant="default"
          leftSection={<Plus size={14} />}
          disabled={steps.length >= MOST_STEPS}
          onClick={() => putSteps([...steps, { event: "" }])}
        >
          Step
        </Button>
        {order !== "unordered" && (
          <Button
            variant="default"
            leftSection={<Plus size={14} />}
            disabled={exclusions.length >= MOST_EXCLUSIONS}
            onClick={() =>
              change({ ...own, exclusions: [...exclusions, { event: "", after: 1, before: steps.length }] })
            }
          >
            Exclusion
          </Button>
        )}
        <Choice
          label="Taken"
          w={205}
          value={order}
          options={ORDERS}
          onChange={(chosen) => change({ ...own, order: chosen })}
        />
        <SpanField
          label="Within"
          most={LONGEST_WINDOW}
          value={own.window ?? WINDOW}
          onChange={(window) => change({ ...own, window })}
        />
        {order !== "unordered" && exclusions.length > 0 && (
          <Choice
            label="What is excluded"
            w={180}
            value={own.exclusion_mode ?? "attempt"}
            options={MODES}
            onChange={(exclusion_mode) => change({ ...own, exclusion_mode })}
          />
        )}
        <Switch
          label="Over time"
          mb={6}
          checked={own.interval !== undefined}
          // Which buckets, the page says.
          onChange={(changed) =>
            change(changed.currentTarget.checked ? { ...own, interval: "day" } : without(own, "interval"))
          }
        />
      </CommonFields>
    </Stack>
  );
}

interface StepFieldsProps {
  step: Step;
  place: number;
  last: number;
  put: (step: Step) => void;
  move: (by: -1 | 1) => void;
  remove: () => void;
}

function StepFields({ step, place, last, put, move, remove }: StepFieldsProps) {
  const alternatives = alternativesOf(step);
  const name = `step ${place + 1}`;
  return (
    <Group gap="xs" align="start">
      <Group gap="xs" style={{ flex: "1 1 250px" }}>
        <Text fw={600} c="dimmed" w={18} aria-hidden>
          {place + 1}
        </Text>
        {alternatives.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an alternative is its place
          <Group key={at} gap={6}>
            {at > 0 && (
              <Text size="sm" c="dimmed">
                or
              </Text>
            )}
            <Group w={{ base: 186, xs: 220 }} grow>
              <EventPicker
                bare
                label={at === 0 ? `Event of ${name}` : `Event of ${name}, alternative ${at + 1}`}
                value={one.event ?? ""}
                onChange={(event) => put(stepOf(alternatives.with(at, { ...one, event })))}
              />
            </Group>
            <Filters
              label="where"
              event={one.event || "*"}
              filters={one.filters ?? []}
              onChange={(filters) => put(stepOf(alternatives.with(at, { ...one, filters })))}
            />
            {alternatives.length > 1 && (
              <ActionIcon
                size={24}
                aria-label={`Remove alternative ${at + 1} of ${name}`}
                onClick={() => put(stepOf(alternatives.toSpliced(at, 1)))}
              >
                <X size={14} />
              </ActionIcon>
            )}
          </Group>
        ))}
        <Button
          variant="subtle"
          color="gray"
          aria-label={`or another event for ${name}`}
          onClick={() => put(stepOf([...alternatives, { event: "" }]))}
        >
          or
        </Button>
      </Group>
      <Group gap={2} ml="auto" wrap="nowrap">
        <ActionIcon size={30} aria-label={`Move ${name} up`} disabled={place === 0} onClick={() => move(-1)}>
          <ArrowUp size={14} />
        </ActionIcon>
        <ActionIcon size={30} aria-label={`Move ${name} down`} disabled={place === last} onClick={() => move(1)}>
          <ArrowDown size={14} />
        </ActionIcon>
        <ActionIcon size={30} aria-label={`Remove ${name}`} disabled={last < 2} onClick={remove}>
          <Trash2 size={14} />
        </ActionIcon>
      </Group>
    </Group>
  );
}

interface ExclusionFieldsProps {
  exclusion: Exclusion;
  steps: number;
  put: (exclusion: Exclusion) => void;
  remove: () => void;
}

function ExclusionFields({ exclusion, steps, put, remove }: ExclusionFieldsProps) {
  const { event, filters = [], after, before } = exclusion;
  const between = (first: number, last: number) =>
    Object.fromEntries(
      Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => [
        String(first + place),
        `step ${first + place}`,
      ]),
    );
  return (
    <Group gap="xs" align="end">
      <Group w={{ base: 186, xs: 220 }} grow>
        <EventPicker label="Without" value={event} onChange={(chosen) => put({ ...exclusion, event: chosen })} />
      </Group>
      <Filters
        label="where"
        event={event || "*"}
        filters={filters}
        onChange={(next) => put({ ...exclusion, filters: next })}
      />
      <Choice
        label="after"
        w={100}
        value={String(after)}
        options={between(1, steps - 1)}
        onChange={(chosen) =>
          put({ ...exclusion, after: Number(chosen), before: Math.max(before, Number(chosen) + 1) })
        }
      />
      <Choice
        label="before"
        w={100}
        value={String(before)}
        options={between(after + 1, steps)}
        onChange={(chosen) => put({ ...exclusion, before: Number(chosen) })}
      />
      <ActionIcon size={30} ml="auto" aria-label={`Remove the exclusion of ${event || "nothing"}`} onClick={remove}>
        <Trash2 size={14} />
      </ActionIcon>
    </Group>
  );
}
