/** Everything by its name: pages, saved insights, boards, events, people, and what can be done. */

import { Text, useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import "@mantine/spotlight/styles.css";
import { useQuery } from "@tanstack/react-query";
import {
  CalendarDays,
  ChartLine,
  Keyboard,
  LayoutGrid,
  Link2,
  type LucideIcon,
  Monitor,
  Moon,
  Search,
  Sun,
  UserRound,
} from "lucide-react";
import { useEffect, useState } from "react";
import { useBoards } from "../api/boards";
import { useEvents } from "../api/catalog";
import { refused, said } from "../api/change";
import { useSavedInsights } from "../api/saved";
import { peopleSearchOptions } from "../api/search";
import { kindRow } from "../insights/registry";
import { PAGES, pageOfKind } from "../pages";
import { personName } from "../people/names";
import { type Right, useSession } from "../session";
import { matching } from "../state/matching";
import { PRESETS } from "../state/range";
import { useChange, useGo } from "../state/use-view";
import { brief } from "../state/words";
import { Caps } from "./keyed";

const [store, palette] = createSpotlight();

interface Found {
  id: string;
  title: string;
  note?: string | undefined;
  keys?: string | undefined;
  icon: LucideIcon;
  act: () => void;
}

interface Section {
  title: string;
  /** How many are shown while nothing is typed, and at most. */
  first: number;
  most: number;
  found: readonly Found[];
}

/** `asked` counts how often somebody asked for it. */
export default function Palette({ asked, help }: { asked: number; help: () => void }) {
  const [query, setQuery] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each time that it is asked for
  useEffect(() => palette.toggle(), [asked]);
  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      scrollable
      maxHeight={460}
      radius="md"
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
    >
      <Spotlight.Search
        placeholder="Page, saved insight, board, event, person, or what to do"
        aria-label="Search"
        leftSection={<Search size={18} />}
      />
      <Spotlight.ActionsList>
        <Sections query={query.trim()} help={help} />
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function Sections({ query, help }: { query: string; help: () => void }) {
  const people = usePeople(query);
  const sections = useSections(help).map((section) => ({
    ...section,
    found: matching(section.found, query, (one) => `${one.title} ${one.note ?? ""}`).slice(
      0,
      query === "" ? section.first : section.most,
    ),
  }));
  const filled = [...sections, people].filter((section) => section.found.length > 0);
  if (filled.length === 0) return <Spotlight.Empty>Nothing is called that</Spotlight.Empty>;
  return filled.map((section) => (
    <Spotlight.ActionsGroup key={section.title} label={section.title}>
      {section.found.map(({ id, title, note, keys, icon: Icon, act }) => (
        <Spotlight.Action key={id} onClick={act} py={6}>
          <Icon size={16} aria-hidden style={{ flex: "none", marginRight: 10 }} />
          <Text size="sm" flex={1} truncate>
            {title}
          </Text>
          {note && (
            <Text size="xs" opacity={0.8} className="numbers" truncate maw={220} px="xs">
              {note}
            </Text>
          )}
          {keys && <Caps keys={keys} />}
        </Spotlight.Action>
      ))}
    </Spotlight.ActionsGroup>
  ));
}

function useSections(help: () => void): Section[] {
  const { may } = useSession();
  const go = useGo();
  const change = useChange();
  const { setColorScheme } = useMantineColorScheme();
  const { data: saved = [] } = useSavedInsights();
  const { data: boards = [] } = useBoards();
  const events = useEvents();
  const copyLink = () =>
    navigator.clipboard
      ? navigator.clipboard.writeText(location.href).then(() => said("The link to this view is copied."), refused)
      : refused(new Error("This browser lets nothing be copied here; take the address instead."));
  return [
    {
      title: "Pages",
      first: 20,
      most: 20,
      found: PAGES.filter((page) => may(page.right as Right)).map((page) => ({
        id: page.path,
        title: page.title,
        keys: `g ${page.key}`,
        icon: page.icon,
        act: () => go(page.path),
      })),
    },
    {
      title: "Saved insights",
      first: 5,
      most: 8,
      found: saved.map((one) => ({
        id: one.id,
        title: one.name,
        note: kindRow(one.kind)?.title ?? one.kind,
        icon: ChartLine,
        act: () => go(pageOfKind(one.kind), { kind: one.kind, saved: one.id }),
      })),
    },
    {
      title: "Boards",
      first: 5,
      most: 8,
      found: boards.map((one) => ({
        id: one.id,
        title: one.name,
        note: one.description,
        icon: LayoutGrid,
        act: () => go(`/boards/${encodeURIComponent(one.id)}`),
      })),
    },
    {
      title: "What to do",
      first: 0,
      most: 8,
      found: [
        ...PRESETS.map((preset) => ({
          id: preset.range,
          title: preset.title,
          keys: preset.key,
          icon: CalendarDays,
          act: () => change({ range: preset.range, list: undefined }),
        })),
        { id: "light", title: "Light colours", icon: Sun, act: () => setColorScheme("light") },
        { id: "dark", title: "Dark colours", icon: Moon, act: () => setColorScheme("dark") },
        { id: "auto", title: "Colours as the system", icon: Monitor, act: () => setColorScheme("auto") },
        { id: "link", title: "Copy the link to this view", icon: Link2, act: () => void copyLink() },
        { id: "help", title: "Show the keys", keys: "?", icon: Keyboard, act: help },
      ],
    },
    {
      title: "Events, as a trend",
      first: 0,
      most: 8,
      found: events.map((one) => ({
        id: `event ${one.event}`,
        title: one.event,
        note: brief(one.count),
        icon: ChartLine,
        act: () => go("/trends", { q: { series: [{ event: one.event, measure: "count" }] } }),
      })),
    },
  ];
}

function usePeople(query: string): Section {
  const { api, may } = useSession();
  const go = useGo();
  const [search] = useDebouncedValue(query, 250);
  const { data } = useQuery({ ...peopleSearchOptions(api, search), enabled: may("read") && search.length > 1 });
  const found = query.length > 1 ? (data?.people ?? []) : [];
  return {
    title: "People",
    first: 6,
    most: 6,
    found: found.map((one) => ({
      id: `person ${one.id}`,
      title: personName(one),
      note: one.user_id ?? one.anonymous_ids[0],
      icon: UserRound,
      act: () => go(`/people/${encodeURIComponent(one.id)}`),
    })),
  };
}
