/** What is done with a saved insight: named, put on a board, deleted. They come when somebody asks for one. */

import { Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { bodyOf, useBoarding, useBoards } from "../api/boards";
import { said } from "../api/change";
import { type Saved, useSaving } from "../api/saved";
import type { Kind } from "../api/types";
import { isFixed, type Kept } from "../insights/saved";
import { freeRow } from "../state/grid";
import { Ask, FormDialog } from "./ask";
import { NameFields } from "./name-fields";
import { Waiting } from "./states";

interface NameProps {
  kind: Kind;
  question: Kept;
  range: string | undefined;
  /** What the name may begin as. */
  name?: string;
  saved: (made: Saved) => void;
  close: () => void;
}

/** Saves a question as a new one. */
export function SaveAs({ kind, question, range, name: first = "", saved, close }: NameProps) {
  const { create } = useSaving();
  const [name, setName] = useState(first);
  const [description, setDescription] = useState("");
  return (
    <FormDialog
      title="Save"
      deed="Save"
      close={close}
      unready={name.trim() === ""}
      act={async () => {
        saved(await create.mutateAsync({ name: name.trim(), description, kind, question }));
        close();
      }}
    >
      <NameFields name={name} setName={setName} description={description} setDescription={setDescription} />
      <Text size="xs" c="dimmed">
        {range !== undefined && isFixed(range)
          ? "It is kept with its dates, and is about them for good."
          : "It is about whatever range is looked at; on its own, about the last 30 days."}
      </Text>
    </FormDialog>
  );
}

export function Rename({ saved, close }: { saved: Saved; close: () => void }) {
  const { replace } = useSaving();
  const [name, setName] = useState(saved.name);
  const [description, setDescription] = useState(saved.description);
  return (
    <FormDialog
      title="Rename"
      deed="Rename"
      close={close}
      unready={name.trim() === ""}
      act={async () => {
        const { id, kind, question, version } = saved;
        await replace.mutateAsync({ id, kind, question, version, name: name.trim(), description });
        close();
      }}
    >
      <NameFields name={name} setName={setName} description={description} setDescription={setDescription} />
    </FormDialog>
  );
}

export function Delete({ saved, gone, close }: { saved: Saved; gone: () => void; close: () => void }) {
  const { remove } = useSaving();
  return (
    <Ask
      title={`Delete “${saved.name}”?`}
      deed="Delete"
      close={close}
      act={async () => {
        await remove.mutateAsync(saved.id);
        said(`“${saved.name}” is deleted.`);
        gone();
      }}
    >
      Links to it show nothing any more, and reports of it are sent no more. While it is on a board it cannot be
      deleted.
    </Ask>
  );
}

interface AddToBoardProps {
  /** The one that is shown; or else the question itself. */
  saved: Saved | undefined;
  kind: Kind;
  question: Kept;
  title: string;
  close: () => void;
}

const NEW = "";

/** A tile more, below those that are there. */
export function AddToBoard({ saved, kind, question, title: first, close }: AddToBoardProps) {
  const { data: boards } = useBoards();
  const { create, replace } = useBoarding();
  const [chosen, setChosen] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [title, setTitle] = useState(first);
  if (!boards) return <Waiting height={80} />;
  const id = chosen ?? boards[0]?.id ?? NEW;
  const tile = saved ? { saved: saved.id, title: "" } : { kind, question, title: title.trim() };
  const add = async () => {
    const size = { width: 6, height: 4 };
    const board = boards.find((one) => one.id === id);
    if (board) {
      const body = bodyOf(board);
      const tiles = [...(body.tiles ?? []), { ...tile, ...size, x: 0, y: freeRow(board.tiles) }];
      await replace.mutateAsync({ ...body, tiles });
    } else {
      await create.mutateAsync({ name: name.trim(), tiles: [{ ...tile, ...size }] });
    }
    said(`It is on “${board?.name ?? name.trim()}”.`);
    close();
  };
  return (
    <FormDialog title="Add to a board" deed="Add" close={close} unready={id === NEW && name.trim() === ""} act={add}>
      <Stack gap="sm">
        <Select
          label="Board"
          data-autofocus
          allowDeselect={false}
          value={id}
          onChange={setChosen}
          data={[...boards.map((one) => ({ value: one.id, label: one.name })), { value: NEW, label: "A new board" }]}
        />
        {id === NEW && (
          <TextInput
            label="Name of the board"
            maxLength={200}
            value={name}
            onChange={(typed) => setName(typed.currentTarget.value)}
          />
        )}
        {!saved && (
          <TextInput
            label="Title of the tile"
            maxLength={200}
            value={title}
            onChange={(typed) => setTitle(typed.currentTarget.value)}
          />
        )}
        <Text size="xs" c="dimmed">
          {saved
            ? "The tile shows what is saved: whoever changes that changes the tile."
            : "This question is not saved; the tile keeps it as it is now."}
        </Text>
      </Stack>
    </FormDialog>
  );
}
