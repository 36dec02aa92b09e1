/** One board: its tiles beside each other, and the same arranged anew. */

import { ActionIcon, Alert, Badge, Button, Group, Menu, Stack, Text } from "@mantine/core";
import { useBlocker, useParams } from "@tanstack/react-router";
import { CalendarDays, Ellipsis, LayoutGrid, Mail, PencilLine, Plus, Share2, Trash2 } from "lucide-react";
import { lazy, Suspense, useMemo, useRef, useState } from "react";
import { type Board, bodyOf, useBoard, useBoarding } from "../api/boards";
import { isConflict, refused, said } from "../api/change";
import { useSavedInsights } from "../api/saved";
import type { Filter } from "../api/types";
import { datesOf, rangeOf } from "../insights/saved";
import { Ask, FormDialog } from "../parts/ask";
import { type Arranging, BoardGrid, type PlacedTile } from "../parts/board-grid";
import { Filters, filterWords } from "../parts/filters";
import { ComparePicker } from "../parts/frame-pickers";
import { Panel } from "../parts/insight-card";
import { Keyed } from "../parts/keyed";
import { NameFields } from "../parts/name-fields";
import { Failure, Heading, Nothing, Waiting } from "../parts/states";
import { NEW, REPORTS } from "../reports/words";
import { useSession } from "../session";
import { stepped } from "../state/grid";
import { boundsOf } from "../state/range";
import { useChange, useFrame, useGo, useNow, usePageView, useView } from "../state/use-view";
import { pageViewOf } from "../state/view";

const AddTile = lazy(() => import("../parts/add-tile"));
const ShareDialog = lazy(() => import("../parts/share-dialog"));

export default function BoardPage() {
  const { board: id } = useParams({ strict: false }) as { board: string };
  const { data, error, refetch } = useBoard(id);
  const { edit } = usePageView();
  const { may } = useSession();
  if (error && !data) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting height={400} />;
  return edit && may("edit") ? <Arrange key={id} board={data} /> : <Look board={data} />;
}

type Open = "share" | "rename" | "delete" | null;

function Look({ board }: { board: Board }) {
  const { may } = useSession();
  const change = useChange();
  const go = useGo();
  const { create, replace, remove } = useBoarding();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const tiles = useMemo(() => board.tiles.map((tile, key) => ({ ...tile, key })), [board.tiles]);
  return (
    <>
      <Heading title={board.name}>
        {board.tiles.length > 0 && <ComparePicker />}
        {may("edit") && (
          <>
            <Button variant="default" leftSection={<Share2 size={14} />} onClick={() => setOpen("share")}>
              Share
            </Button>
            <Keyed of="edit">
              <Button
                variant="default"
                leftSection={<LayoutGrid size={14} />}
                data-hotkey="edit"
                onClick={() => change({ edit: true })}
              >
                Arrange
              </Button>
            </Keyed>
            <Menu position="bottom-end" shadow="md">
              <Menu.Target>
                <ActionIcon size={30} aria-label="What can be done with the board">
                  <Ellipsis size={16} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<PencilLine size={14} />} onClick={() => setOpen("rename")}>
                  Rename
                </Menu.Item>
                <Menu.Item
                  leftSection={<Plus size={14} />}
                  onClick={() => {
                    const { id: _, version: __, ...body } = bodyOf(board);
                    create.mutate(
                      { ...body, name: `${board.name} (copy)`.slice(0, 200) },
                      { onSuccess: (made) => go(`/boards/${made.id}`), onError: refused },
                    );
                  }}
                >
                  Copy
                </Menu.Item>
                <Menu.Item
                  leftSection={<Mail size={14} />}
                  onClick={() => go("/alerts", { tab: REPORTS, opened: NEW, q: { board: board.id, name: board.name } })}
                >
                  Send regularly
                </Menu.Item>
                <Menu.Divider />
                <Menu.Item leftSection={<Trash2 size={14} />} onClick={() => setOpen("delete")}>
                  Delete
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </>
        )}
      </Heading>
      <About board={board} />
      {board.tiles.length === 0 ? <Empty /> : <BoardGrid board={board} tiles={tiles} />}
      <Suspense>
        {open === "share" && <ShareDialog of={{ board: board.id }} name={board.name} close={close} />}
        {open === "rename" && <Rename board={board} replace={(body) => replace.mutateAsync(body)} close={close} />}
        {open === "delete" && (
          <Ask
            title={`Delete “${board.name}”?`}
            deed="Delete"
            close={close}
            act={async () => {
              await remove.mutateAsync(board.id);
              said(`“${board.name}” is deleted.`);
              go("/boards");
            }}
          >
            The insights on it stay saved. Links to the board show nothing any more, and reports of it are sent no more.
          </Ask>
        )}
      </Suspense>
    </>
  );
}

/** What the board says of itself: what it is for, and what it lays over its tiles. */
function About({ board }: { board: Board }) {
  const { project } = useSession();
  const { range } = useView();
  const change = useChange();
  const now = useNow();
  const own = rangeOf(board.from, board.to);
  const words = own && boundsOf(own, project.timezone, now)?.words;
  const filters = board.filters ?? [];
  if (!board.description && !words && filters.length === 0) return null;
  return (
    <Group gap="xs" mb="sm">
      {board.description && (
        <Text size="sm" c="dimmed">
          {board.description}
        </Text>
      )}
      {words && range === undefined && (
        <Badge variant="light" color="gray" tt="none" leftSection={<CalendarDays size={12} />}>
          {words}, as the board says
        </Badge>
      )}
      {words && range !== undefined && (
        <Button variant="subtle" onClick={() => change({ range: undefined })}>
          Back to the board’s own dates: {words}
        </Button>
      )}
      {filters.map((filter) => (
        <Badge key={filterWords(filter)} variant="light" color="gray" tt="none">
          {filterWords(filter)}
        </Badge>
      ))}
    </Group>
  );
}

function Empty() {
  const { may } = useSession();
  const change = useChange();
  return (
    <Panel>
      <Nothing title="The board is empty">
        <Stack align="center" gap="sm">
          <Text size="sm">
            A tile shows a saved insight. All tiles follow the range and the filters above, and each loads by itself.
          </Text>
          {may("edit") && (
            <Button leftSection={<Plus size={14} />} onClick={() => change({ edit: true })}>
              Add the first tile
            </Button>
          )}
        </Stack>
      </Nothing>
    </Panel>
  );
}

interface RenameProps {
  board: Board;
  replace: (body: ReturnType<typeof bodyOf>) => Promise<unknown>;
  close: () => void;
}

function Rename({ board, replace, close }: RenameProps) {
  const [name, setName] = useState(board.name);
  const [description, setDescription] = useState(board.description);
  return (
    <FormDialog
      title="Rename"
      deed="Rename"
      close={close}
      unready={name.trim() === ""}
      act={async () => {
        await replace({ ...bodyOf(board), name: name.trim(), description });
        close();
      }}
    >
      <NameFields name={name} setName={setName} description={description} setDescription={setDescription} />
    </FormDialog>
  );
}

// ── arranged anew ──────────────────────────────────────────────────────────────────────────────────────────────

/** What is changed, until it is saved; `board` is what it began as. */
interface Draft {
  board: Board;
  tiles: PlacedTile[];
  range: string | undefined;
  filters: Filter[];
}

const NO_DATES = { from: null, to: null };

function draftOf(board: Board): Draft {
  return {
    board,
    tiles: board.tiles.map((tile, key) => ({ ...tile, key })),
    range: rangeOf(board.from, board.to),
    filters: [...(board.filters ?? [])],
  };
}

function Arrange({ board }: { board: Board }) {
  const { project } = useSession();
  const change = useChange();
  const frame = useFrame();
  const now = useNow();
  const { replace } = useBoarding();
  const { data: saved = [] } = useSavedInsights();
  const [draft, setDraft] = useState(() => draftOf(board));
  const [adds, setAdds] = useState(false);
  const [told, setTold] = useState("");
  const leaving = useRef(false);
  const isOther = () => !leaving.current && JSON.stringify(draft) !== JSON.stringify(draftOf(draft.board));
  useBlocker({
    // Another range or filter is another address of the same page, and nothing is lost by it.
    shouldBlockFn: ({ current, next }) =>
      isOther() &&
      !(current.pathname === next.pathname && pageViewOf({ ...next.search }).edit) &&
      !globalThis.confirm("What you have arranged is not saved. Leave all the same?"),
    enableBeforeUnload: isOther,
  });
  const done = () => {
    leaving.current = true;
    change({ edit: undefined });
  };
  const setTiles = (tiles: PlacedTile[]) => setDraft({ ...draft, tiles });
  const save = async (version: number) => {
    const tiles = draft.tiles.map(({ key: _, ...tile }) => tile);
    const body = bodyOf({ ...draft.board, ...NO_DATES, ...datesOf(draft.range), tiles, filters: draft.filters });
    await replace.mutateAsync({ ...body, version });
    said(`“${board.name}” is saved.`);
    done();
  };
  const arranging: Arranging = {
    step: (key, step) => {
      const index = draft.tiles.findIndex((tile) => tile.key === key);
      const tiles = stepped(draft.tiles, index, step);
      const tile = tiles[index];
      setTiles(tiles);
      if (tile) setTold(`Column ${tile.x + 1}, row ${tile.y + 1}, ${tile.width} wide, ${tile.height} high`);
    },
    rename: (key, title) => setTiles(draft.tiles.map((tile) => (tile.key === key ? { ...tile, title } : tile))),
    remove: (key) => setTiles(draft.tiles.filter((tile) => tile.key !== key)),
  };
  const words = draft.range && boundsOf(draft.range, project.timezone, now)?.words;
  return (
    <>
      <Heading title={board.name}>
        <Button variant="default" leftSection={<Plus size={14} />} onClick={() => setAdds(true)}>
          Add a tile
        </Button>
        <Button variant="default" onClick={done}>
          Discard
        </Button>
        <Keyed of="save">
          <Button
            loading={replace.isPending}
            onClick={() => save(draft.board.version).catch(() => {})}
            data-hotkey="save"
          >
            Save
          </Button>
        </Keyed>
      </Heading>
      {replace.error && isConflict(replace.error) && (
        <Alert color="orange" mb="sm" role="alert" title="Somebody else has changed the board meanwhile">
          <Group gap="xs" mt={4}>
            <Button variant="default" onClick={() => setDraft(draftOf(board))}>
              Take theirs, and lose mine
            </Button>
            <Button variant="default" onClick={() => save(board.version).catch(() => {})}>
              Write mine over theirs
            </Button>
          </Group>
        </Alert>
      )}
      {replace.error && !isConflict(replace.error) && <Failure error={replace.error} />}
      <Group gap="sm" mb="sm" align="center">
        <Text size="sm" c="dimmed">
          Over all tiles:
        </Text>
        {words ? (
          <Button
            variant="light"
            leftSection={<CalendarDays size={14} />}
            onClick={() => setDraft({ ...draft, range: undefined })}
          >
            {words} for good: let the dates move again
          </Button>
        ) : (
          <Button
            variant="subtle"
            color="gray"
            leftSection={<CalendarDays size={14} />}
            onClick={() => setDraft({ ...draft, range: rangeOf(frame.bounds.from, frame.bounds.to) })}
          >
            Keep these dates for good: {frame.bounds.words}
          </Button>
        )}
        <Filters filters={draft.filters} onChange={(filters) => setDraft({ ...draft, filters })} label="Only where" />
      </Group>
      <p className="heard" aria-live="polite">
        {told}
      </p>
      {draft.tiles.length === 0 ? (
        <Panel>
          <Nothing title="No tile yet">
            <Button leftSection={<Plus size={14} />} onClick={() => setAdds(true)} mt="xs">
              Add a tile
            </Button>
          </Nothing>
        </Panel>
      ) : (
        <BoardGrid
          board={{ ...board, ...NO_DATES, ...datesOf(draft.range), filters: draft.filters }}
          tiles={draft.tiles}
          arranging={arranging}
        />
      )}
      <Suspense>
        {adds && (
          <AddTile
            saved={saved}
            tiles={draft.tiles}
            add={(tile) => {
              const key = Math.max(-1, ...draft.tiles.map((one) => one.key)) + 1;
              setTiles([...draft.tiles, { ...tile, key }]);
            }}
            close={() => setAdds(false)}
          />
        )}
      </Suspense>
    </>
  );
}
