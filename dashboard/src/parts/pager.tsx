/** From page to page of a list that is read by a cursor. Where one stands is in the address. */

import { Button, Group, Select, Text } from "@mantine/core";
import { ChevronLeft, ChevronRight, ChevronsLeft } from "lucide-react";
import { useState } from "react";
import { useChange, usePageView } from "../state/use-view";
import { LIMITS } from "../state/view";

const USUAL_LIMIT = 25;

interface Paging {
  limit: number;
  cursor: string | undefined;
  /** What the list is of, in short. */
  of: string;
}

/** Where in a list one stands. Another list, such as one with other filters, begins at its beginning. */
export function usePaging(list: unknown): Paging {
  const { limit = USUAL_LIMIT, page } = usePageView();
  const of = shortOf(JSON.stringify([list, limit]));
  return { limit, cursor: page?.of === of ? page.cursor : undefined, of };
}

/** FNV-1a: enough to tell the lists of one address apart. */
export function shortOf(text: string): string {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return (sum >>> 0).toString(36);
}

type Cursor = string | undefined;

/**
 * The pages that lie before the one where somebody stands, of those that led here. Whoever came back another way, or
 * pressed twice, stands on one of them.
 */
export function before(trail: readonly Cursor[], cursor: Cursor): readonly Cursor[] {
  const here = trail.indexOf(cursor);
  return here < 0 ? trail : trail.slice(0, here);
}

interface PagerProps {
  paging: Paging;
  next: string | null;
  /** What lies ahead and behind, in a word each. */
  words?: { first: string; before: string; after: string };
}

const WORDS = { first: "First", before: "Before", after: "More" };

export function Pager({ paging: { limit, cursor, of }, next, words = WORDS }: PagerProps) {
  const change = useChange();
  // The pages that led here; who comes by a link goes back to the first one.
  const [trail, setTrail] = useState<{ of: string; cursors: readonly Cursor[] }>({ of, cursors: [] });
  const cursors = before(trail.of === of ? trail.cursors : [], cursor);
  const go = (to: Cursor, left: readonly Cursor[]) => {
    setTrail({ of, cursors: left });
    change({ page: to === undefined ? undefined : { cursor: to, of } });
  };
  return (
    <Group justify="space-between" mt="sm" gap="xs" component="nav" aria-label="Pages of the list">
      <Group gap={6}>
        <Text size="xs" c="dimmed" id="rows-a-page">
          Rows
        </Text>
        <Select
          aria-labelledby="rows-a-page"
          size="xs"
          w={76}
          value={String(limit)}
          allowDeselect={false}
          data={LIMITS.map(String)}
          onChange={(chosen) => change({ limit: Number(chosen) })}
        />
      </Group>
      <Group gap={6}>
        <Button
          variant="default"
          leftSection={<ChevronsLeft size={14} />}
          disabled={cursor === undefined}
          onClick={() => go(undefined, [])}
        >
          {words.first}
        </Button>
        <Button
          variant="default"
          leftSection={<ChevronLeft size={14} />}
          disabled={cursors.length === 0}
          onClick={() => go(cursors.at(-1), cursors.slice(0, -1))}
        >
          {words.before}
        </Button>
        <Button
          variant="default"
          rightSection={<ChevronRight size={14} />}
          disabled={next === null}
          onClick={() => next !== null && go(next, [...cursors, cursor])}
        >
          {words.after}
        </Button>
      </Group>
    </Group>
  );
}
