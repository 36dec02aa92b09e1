/** Every link of the project that is good. */

import { Text } from "@mantine/core";
import { useBoards } from "../api/boards";
import { useSavedInsights } from "../api/saved";
import type { Share } from "../api/shares";
import { Panel } from "../parts/insight-card";
import { Links } from "../parts/share-dialog";

export function LinksTab() {
  const { data: saved = [] } = useSavedInsights();
  const { data: boards = [] } = useBoards();
  const nameOf = (share: Share) =>
    share.board === null
      ? (saved.find((one) => one.id === share.saved)?.name ?? "A saved insight")
      : `Board: ${boards.find((one) => one.id === share.board)?.name ?? "?"}`;
  return (
    <Panel title="Links">
      <Text size="sm" c="dimmed" mb="sm">
        A link is made at a board or a saved insight, under “Share”. Whoever has it sees the numbers without an account.
      </Text>
      <Links names={nameOf} />
    </Panel>
  );
}
