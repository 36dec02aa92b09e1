/** What is saved of a page of questions: a list to open one from, and what can be done with the one that is open. */

import { ActionIcon, Badge, Button, Group, Menu, ScrollArea, Text, TextInput } from "@mantine/core";
import { Bookmark, ChevronDown, Ellipsis, LayoutGrid, PencilLine, Save, Share2, Trash2 } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { isConflict, refused, said } from "../api/change";
import { type Saved, useSavedInsights, useSaving } from "../api/saved";
import type { Kind } from "../api/types";
import { kindRow } from "../insights/registry";
import { isChanged, type Kept, keptOf, openedAddress, type Takes } from "../insights/saved";
import { useSession } from "../session";
import { matching } from "../state/matching";
import { useChange } from "../state/use-view";
import type { InsightView } from "../state/view";
import { Keyed } from "./keyed";

const SaveAs = lazy(() => import("./saved-dialogs").then((found) => ({ default: found.SaveAs })));
const Rename = lazy(() => import("./saved-dialogs").then((found) => ({ default: found.Rename })));
const Delete = lazy(() => import("./saved-dialogs").then((found) => ({ default: found.Delete })));
const AddToBoard = lazy(() => import("./saved-dialogs").then((found) => ({ default: found.AddToBoard })));
const ShareDialog = lazy(() => import("./share-dialog"));

type Open = "save as" | "rename" | "delete" | "board" | "share" | null;

interface SavedBarProps {
  kind: Kind;
  kinds: readonly Kind[];
  takes: Takes;
  own: Kept;
  view: InsightView;
  /** What the question is called while it has no name. */
  title: string;
}

export function SavedBar({ kind, kinds, takes, own, view, title }: SavedBarProps) {
  const { may } = useSession();
  const change = useChange();
  const { data: all = [] } = useSavedInsights();
  const { replace } = useSaving();
  const [open, setOpen] = useState<Open>(null);
  const saved = all.find((one) => one.id === view.saved && one.kind === kind);
  const changed = saved !== undefined && isChanged(takes, saved.question, own, view);
  const question = keptOf(takes, own, view);
  const close = () => setOpen(null);
  const save = async () => {
    if (!saved) return setOpen("save as");
    if (!changed || replace.isPending) return;
    const { id, name, description, version } = saved;
    try {
      await replace.mutateAsync({ id, name, description, version, kind, question });
      said(`“${name}” is saved.`);
    } catch (error) {
      refused(
        isConflict(error)
          ? new Error(`Somebody else has changed “${name}” meanwhile. Save yours under another name, or discard it.`)
          : error,
      );
    }
  };
  const discard = () => saved && change({ ...openedAddress(takes, saved, view), list: undefined });
  if (!may("view")) return null;
  return (
    <Group gap={6} maw="100%">
      <SavedList rows={all.filter((one) => kinds.includes(one.kind))} saved={saved} view={view} />
      {changed && (
        <Badge variant="light" color="orange" tt="none" data-testid="unsaved">
          Unsaved changes
        </Badge>
      )}
      {changed && (
        <Button variant="subtle" color="gray" onClick={discard}>
          Discard
        </Button>
      )}
      {may("edit") && (changed || !saved) && (
        <Keyed of="save">
          <Button
            variant={changed ? "filled" : "default"}
            leftSection={<Save size={14} />}
            loading={replace.isPending}
            onClick={save}
            data-hotkey="save"
          >
            Save
          </Button>
        </Keyed>
      )}
      {may("edit") && (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <ActionIcon size={30} aria-label="What can be done with it">
              <Ellipsis size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {saved && (
              <>
                <Item icon={<Save size={14} />} act={() => setOpen("save as")}>
                  Save as a new one
                </Item>
                <Item icon={<PencilLine size={14} />} act={() => setOpen("rename")}>
                  Rename
                </Item>
              </>
            )}
            <Item icon={<LayoutGrid size={14} />} act={() => setOpen("board")}>
              Add to a board
            </Item>
            <Item icon={<Share2 size={14} />} act={() => setOpen(saved ? "share" : "save as")}>
              {saved ? "Share by a link" : "Share by a link (save it first)"}
            </Item>
            {saved && (
              <>
                <Menu.Divider />
                <Item icon={<Trash2 size={14} />} act={() => setOpen("delete")}>
                  Delete
                </Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      <Suspense>
        {open === "save as" && (
          <SaveAs
            kind={kind}
            question={question}
            range={view.range}
            name={saved ? `${saved.name} (copy)` : ""}
            saved={(made) => change({ saved: made.id, kind })}
            close={close}
          />
        )}
        {open === "rename" && saved && <Rename saved={saved} close={close} />}
        {open === "delete" && saved && (
          <Delete saved={saved} gone={() => change({ saved: undefined }, { replace: true })} close={close} />
        )}
        {open === "board" && (
          <AddToBoard
            saved={changed ? undefined : saved}
            kind={kind}
            question={question}
            title={saved?.name ?? title}
            close={close}
          />
        )}
        {open === "share" && saved && (
          <ShareDialog
            of={{ saved: saved.id }}
            name={saved.name}
            note={changed ? "What is shown is what is saved, without the changes that you see now." : undefined}
            close={close}
          />
        )}
      </Suspense>
    </Group>
  );
}

function Item({ icon, act, children }: { icon: ReactNode; act: () => void; children: ReactNode }) {
  return (
    <Menu.Item leftSection={icon} onClick={act}>
      {children}
    </Menu.Item>
  );
}

interface SavedListProps {
  rows: readonly Saved[];
  saved: Saved | undefined;
  view: InsightView;
}

/** So many that one wants to look for one. */
const MANY = 8;

function SavedList({ rows, saved, view }: SavedListProps) {
  const change = useChange();
  const [search, setSearch] = useState("");
  const go = (one: Saved) => {
    const takes = kindRow(one.kind)?.takes;
    if (takes) change({ ...openedAddress(takes, one, view), list: undefined });
  };
  return (
    <Menu position="bottom-end" shadow="md" width={300} onClose={() => setSearch("")}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<Bookmark size={14} fill={saved ? "currentColor" : "none"} />}
          rightSection={<ChevronDown size={14} />}
          maw={260}
          aria-label={saved ? `Saved insight: ${saved.name}. Open another` : "Saved insights"}
        >
          {saved?.name ?? "Saved"}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {rows.length > MANY && (
          <TextInput
            aria-label="Find a saved insight"
            placeholder="Find"
            size="xs"
            m={4}
            value={search}
            onChange={(typed) => setSearch(typed.currentTarget.value)}
          />
        )}
        {rows.length === 0 && (
          <Text size="sm" c="dimmed" p="xs">
            Nothing is saved here yet. What you save can be opened by everybody in the project, put on a board and
            shared by a link.
          </Text>
        )}
        <ScrollArea.Autosize mah={320} type="auto">
          {matching(rows, search, (one) => `${one.name} ${one.description}`).map((one) => (
            <Menu.Item key={one.id} onClick={() => go(one)} aria-current={one.id === saved?.id ? "true" : undefined}>
              <Text size="sm" fw={one.id === saved?.id ? 600 : 400} truncate>
                {one.name}
              </Text>
              {one.description && (
                <Text size="xs" c="dimmed" truncate>
                  {one.description}
                </Text>
              )}
            </Menu.Item>
          ))}
        </ScrollArea.Autosize>
        {saved && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={() => change({ saved: undefined, q: undefined, list: undefined })}>
              Begin a new question
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
