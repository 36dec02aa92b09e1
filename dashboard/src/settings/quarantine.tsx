/** Events that were refused: why, at which place, and what was sent. */

import { Badge, Box, Button, Code, Group, Stack, Text } from "@mantine/core";
import { useQuarantine } from "../api/settings";
import { Panel } from "../parts/insight-card";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { momentIn } from "../state/words";

export default function QuarantineTab() {
  const { project } = useSession();
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useQuarantine();
  const rows = data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Panel title="Quarantine">
      <Text size="sm" c="dimmed" mb="sm">
        What came in and was no event is kept here with its reason, newest first; it counts nowhere.
      </Text>
      {error && <Failure error={error} again={() => refetch()} />}
      {isPending && <Waiting height={160} />}
      {data && rows.length === 0 && <Nothing title="Nothing was refused" />}
      <Stack gap={0} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        {rows.map((one) => (
          <li key={one.id} className="ruled">
            <Group gap={8} align="baseline">
              <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
                {one.event ?? "Without a name"}
              </Text>
              <Badge variant="light" color="orange" tt="none">
                {one.reason}
              </Badge>
              {one.path && <Code>{one.path}</Code>}
              <Text size="xs" c="dimmed" ml="auto" className="numbers">
                {momentIn(project.timezone, one.received_at, true)} by {one.source}
              </Text>
            </Group>
            <Text size="sm">{one.detail}</Text>
            <Box component="details" mt={4}>
              <Text component="summary" size="xs" c="dimmed" style={{ cursor: "pointer", minHeight: 24 }}>
                What was sent
              </Text>
              {/* Text, whatever is in it. */}
              <Code
                block
                style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", maxHeight: 320, overflow: "auto" }}
              >
                {one.sent}
              </Code>
            </Box>
          </li>
        ))}
      </Stack>
      {hasNextPage && (
        <Button variant="default" mt="sm" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          More
        </Button>
      )}
    </Panel>
  );
}
