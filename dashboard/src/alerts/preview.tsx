/** What a rule would have said of late, with its threshold on the picture, to be moved. */

import { Group, Slider, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { type Rule, type Tested, useBacktest } from "../api/alerts";
import { LineChart } from "../charts";
import { Choice } from "../parts/choice";
import { Failure, Waiting } from "../parts/states";
import { useNow } from "../state/use-view";
import { bucketLong, bucketShort, count, counted, valueName } from "../state/words";
import { cleaned, isWhole, subjectOf, TYPES } from "./words";

const DAY = 86_400_000;
const PAUSE = 400;
/** Windows in a picture, at most about. */
const DRAWN = 2200;

/** How many days are looked at: a month, and less of rules whose windows are short. */
export function daysOf(windowMinutes: number): number {
  return Math.max(1, Math.min(30, Math.floor((DRAWN * windowMinutes) / (24 * 60))));
}

interface PreviewProps {
  draft: Rule;
  change: (rule: Rule) => void;
}

export function Preview({ draft, change }: PreviewProps) {
  const days = daysOf(draft.windowMinutes ?? 60);
  const now = useNow();
  const from = Math.floor(now / (DAY / 24)) * (DAY / 24) - days * DAY;
  const wanted = useMemo(() => {
    const rule = cleaned({ ...draft, enabled: true });
    for (const name of ["channels", "name", "owner", "snoozedUntil"] as const) delete rule[name];
    return isWhole(rule) ? JSON.stringify(rule) : null;
  }, [draft]);
  const [settled] = useDebouncedValue(wanted, PAUSE);
  const asked = useMemo<Rule | null>(() => (settled === null ? null : JSON.parse(settled)), [settled]);
  const { data, error, refetch, isFetching } = useBacktest(asked, from);
  const [shown, setShown] = useState<string | null>(null);
  if (wanted === null) {
    return (
      <Text size="sm" c="dimmed" role="status">
        When the rule is whole, this shows what it would have said of late.
      </Text>
    );
  }
  if (error && !isFetching) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting height={240} label="Asking what it would have said" />;
  const worst = [...data.groups].sort((one, other) => other.firings - one.firings);
  const group = worst.find((one) => one.group === shown) ?? worst[0];
  return (
    <Stack gap="xs" aria-busy={isFetching}>
      <Text size="sm" fw={600} role="status">
        {verdict(data.firings, data.notices, days)}
      </Text>
      {worst.length > 1 && group && (
        <Choice
          label="Shown"
          w={260}
          value={String(worst.indexOf(group))}
          options={Object.fromEntries(
            worst.map((one, place) => [
              String(place),
              `${valueName(one.group ?? "")}: ${counted(one.firings, "time")}`,
            ]),
          )}
          onChange={(place) => setShown(worst[Number(place)]?.group ?? null)}
        />
      )}
      {group && group.points.length > 0 ? (
        <Picture tested={group} draft={draft} change={change} />
      ) : (
        <Text size="sm" c="dimmed">
          Nothing came in this time.
        </Text>
      )}
    </Stack>
  );
}

export function verdict(firings: number, notices: number, days: number): string {
  const time = counted(days, "day");
  if (firings === 0) return `Would not have fired in ${time}.`;
  const said = counted(notices, "notice");
  return `Would have fired ${firings === 1 ? "once" : `${count(firings)} times`} in ${time}, with ${said}.`;
}

interface PictureProps extends PreviewProps {
  tested: Tested;
}

function Picture({ tested, draft, change }: PictureProps) {
  const { points } = tested;
  const interval =
    (draft.windowMinutes ?? 60) >= 24 * 60 ? "day" : (draft.windowMinutes ?? 60) >= 60 ? "hour" : "minute";
  const limit = thresholdOf(draft);
  const series = useMemo(() => seriesOf(draft, tested, limit), [draft, tested, limit]);
  const notes = useMemo(() => notesOf(tested), [tested]);
  const labels = points.map(({ bucket }) => String(bucket));
  const highest = Math.max(1, ...points.map(({ value }) => value ?? 0));
  const most = scaleOf(highest, limit);
  return (
    <>
      <LineChart
        name="What the rule would have seen"
        summary={`${subjectOf(draft)}, ${counted(points.length, "window")}, up to ${count(highest)}.`}
        labels={labels}
        series={series}
        notes={notes}
        label={(label) => bucketShort(label, interval, daysOf(draft.windowMinutes ?? 60))}
        fullLabel={(label) => bucketLong(label, interval)}
        height={220}
      />
      {limit !== null && (
        <Group wrap="nowrap" gap="sm" px="xs" pb="lg">
          <Text size="xs" id="threshold-slider">
            Threshold
          </Text>
          <Slider
            flex={1}
            aria-labelledby="threshold-slider"
            thumbLabel="Threshold"
            min={0}
            max={most}
            step={stepOf(most)}
            value={limit}
            label={(value) => count(value)}
            onChange={(threshold) => change({ ...draft, threshold })}
            marks={[
              { value: 0, label: "0" },
              { value: most, label: count(most) },
            ]}
          />
        </Group>
      )}
    </>
  );
}

/** What is drawn as a line and can be moved: a number in the unit of the numbers themselves. */
export function thresholdOf(rule: Rule): number | null {
  const has = TYPES[rule.type].fields.includes("threshold") && rule.type !== "absence";
  return has && typeof rule.threshold === "number" ? rule.threshold : null;
}

/** A round number above all that is drawn. */
export function scaleOf(highest: number, limit: number | null): number {
  const least = Math.max(highest, limit ?? 0) * 1.1;
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((step) => step * power >= least) ?? 10) * power;
}

export function stepOf(most: number): number {
  return most <= 10 ? 0.1 : most <= 200 ? 1 : 10 ** Math.floor(Math.log10(most / 100));
}

function seriesOf(draft: Rule, { points }: Tested, limit: number | null) {
  const lines = [{ name: subjectOf(draft), values: points.map(({ value }) => value) }];
  if (limit !== null) lines.push({ name: "Threshold", values: points.map(() => limit) });
  if (draft.type === "anomaly") {
    lines.push({ name: "Highest expected", values: points.map(({ upper }) => upper) });
    lines.push({ name: "Lowest expected", values: points.map(({ lower }) => lower) });
  } else if (draft.type === "change_percent") {
    lines.push({ name: "Compared with", values: points.map(({ expected }) => expected) });
  }
  return lines;
}

/** Where somebody would have been told. */
function notesOf({ points }: Tested) {
  return points.flatMap(({ notice }, index) => (notice ? [{ index, text: NOTICES[notice] ?? notice }] : []));
}

const NOTICES: Readonly<Record<string, string>> = {
  firing: "Fires",
  resolved: "Is over",
  escalated: "Becomes critical",
  flapping: "Comes and goes",
};
