/** Numbers in a row, each with its name; one that has a list opens it. */

import { Box, SimpleGrid, Text, UnstyledButton } from "@mantine/core";
import classes from "./tiles.module.css";

export interface Tile {
  name: string;
  value: string;
  /** Under the number, in small. */
  note?: string | undefined;
  onPick?: (() => void) | undefined;
}

export function Tiles({ name, tiles }: { name: string; tiles: readonly Tile[] }) {
  return (
    <SimpleGrid
      component="ul"
      aria-label={name}
      cols={{ base: 2, xs: 3, md: tiles.length }}
      spacing="xs"
      m={0}
      mb="md"
      p={0}
      style={{ listStyle: "none" }}
    >
      {tiles.map((tile) => (
        <li key={tile.name}>
          {tile.onPick ? (
            <UnstyledButton className={classes.tile} data-opens onClick={tile.onPick}>
              <Said tile={tile} />
            </UnstyledButton>
          ) : (
            <Box className={classes.tile}>
              <Said tile={tile} />
            </Box>
          )}
        </li>
      ))}
    </SimpleGrid>
  );
}

function Said({ tile }: { tile: Tile }) {
  return (
    <>
      <Text span display="block" size="xs" c="dimmed">
        {tile.name}
      </Text>
      <Text span display="block" className="numbers" fz={22} fw={650} lh={1.3}>
        {tile.value}
      </Text>
      {tile.note !== undefined && (
        <Text span display="block" size="xs" c="dimmed" className="numbers">
          {tile.note}
        </Text>
      )}
    </>
  );
}
