/** All boards of the project. */

import { Anchor, Button, Card, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { LayoutGrid, Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { type Board, useBoarding, useBoards } from "../api/boards";
import { FormDialog } from "../parts/ask";
import { NameFields } from "../parts/name-fields";
import { Failure, Heading, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { useGo } from "../state/use-view";
import { counted, momentIn } from "../state/words";

export default function BoardsPage() {
  const { may } = useSession();
  const { data, error, refetch } = useBoards();
  const [making, setMaking] = useState(false);
  const make = (
    <Button leftSection={<Plus size={14} />} onClick={() => setMaking(true)}>
      New board
    </Button>
  );
  return (
    <>
      <Heading title="Boards">{may("edit") && data && data.length > 0 && make}</Heading>
      {error && <Failure error={error} again={() => refetch()} />}
      {!data && !error && <Waiting />}
      {data?.length === 0 && <Empty>{may("edit") && make}</Empty>}
      {data && data.length > 0 && (
        <SimpleGrid
          cols={{ base: 1, sm: 2, lg: 3 }}
          spacing="sm"
          component="ul"
          p={0}
          m={0}
          style={{ listStyle: "none" }}
        >
          {data.map((board) => (
            <li key={board.id}>
              <BoardCard board={board} />
            </li>
          ))}
        </SimpleGrid>
      )}
      {making && <NewBoard close={() => setMaking(false)} />}
    </>
  );
}

function BoardCard({ board }: { board: Board }) {
  const { project } = useSession();
  return (
    <Card h="100%" pos="relative" className="lifted">
      <Group gap={8} wrap="nowrap" align="start">
        <LayoutGrid size={16} aria-hidden style={{ marginTop: 2, flex: "none" }} />
        <Stack gap={2} miw={0}>
          <Anchor
            component={Link}
            to="/boards/$board"
            params={{ board: board.id } as never}
            className="whole"
            fw={600}
            c="var(--mantine-color-text)"
            style={{ overflowWrap: "anywhere" }}
          >
            {board.name}
          </Anchor>
          {board.description && (
            <Text size="sm" c="dimmed" lineClamp={2}>
              {board.description}
            </Text>
          )}
          <Text size="xs" c="dimmed" className="numbers">
            {counted(board.tiles.length, "tile")} · changed {momentIn(project.timezone, board.changed_at)}
          </Text>
        </Stack>
      </Group>
    </Card>
  );
}

function Empty({ children }: { children: ReactNode }) {
  return (
    <Card>
      <Nothing title="There is no board yet">
        <Stack gap="sm" align="center">
          <Text size="sm">
            A board puts several questions beside each other: what a team looks at on Monday, or what a customer may
            see. Ask something on <Link to={"/trends" as never}>Trends</Link>, save it, and choose “Add to a board”, or
            begin with an empty one here. It can be shared by a link, with a password and an end.
          </Text>
          {children}
        </Stack>
      </Nothing>
    </Card>
  );
}

function NewBoard({ close }: { close: () => void }) {
  const { create } = useBoarding();
  const go = useGo();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  return (
    <FormDialog
      title="New board"
      deed="Make it"
      close={close}
      unready={name.trim() === ""}
      act={async () => {
        const made = await create.mutateAsync({ name: name.trim(), description });
        go(`/boards/${made.id}`, { edit: true });
      }}
    >
      <NameFields name={name} setName={setName} description={description} setDescription={setDescription} />
    </FormDialog>
  );
}
