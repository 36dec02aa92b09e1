/** A saved insight is put on the board that is being arranged. */

import { Badge, Modal, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Tile } from "../api/boards";
import type { Saved } from "../api/saved";
import { kindRow } from "../insights/registry";
import { freeRow } from "../state/grid";
import { matching } from "../state/matching";
import { Nothing } from "./states";

interface AddTileProps {
  saved: readonly Saved[];
  tiles: readonly Tile[];
  add: (tile: Tile) => void;
  close: () => void;
}

export default function AddTile({ saved, tiles, add, close }: AddTileProps) {
  const [search, setSearch] = useState("");
  const found = matching(saved, search, (one) => `${one.name} ${one.description} ${one.kind}`);
  const put = (one: Saved) => {
    add({ title: "", saved: one.id, kind: null, question: null, x: 0, y: freeRow(tiles), width: 6, height: 4 });
    close();
  };
  return (
    <Modal opened onClose={close} title="Add a tile" closeButtonProps={{ "aria-label": "Close" }}>
      {saved.length === 0 ? (
        <Nothing title="Nothing is saved yet">
          Ask something on <Link to={"/trends" as never}>Trends</Link> or another page of questions, and save it there.
        </Nothing>
      ) : (
        <Stack gap="xs">
          <TextInput
            label="Find a saved insight"
            data-autofocus
            value={search}
            onChange={(typed) => setSearch(typed.currentTarget.value)}
          />
          <Stack gap={0} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
            {found.map((one) => (
              <li key={one.id}>
                <UnstyledButton className="choice" onClick={() => put(one)}>
                  <Text size="sm" flex={1} truncate>
                    {one.name}
                  </Text>
                  <Badge variant="light" color="gray" tt="none">
                    {kindRow(one.kind)?.title ?? one.kind}
                  </Badge>
                </UnstyledButton>
              </li>
            ))}
          </Stack>
          {found.length === 0 && <Nothing title="Nothing is called that" />}
        </Stack>
      )}
    </Modal>
  );
}
