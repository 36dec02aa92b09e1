/** Who did, saw and exported what. */

import { Badge, Button, Code, Table } from "@mantine/core";
import { type AuditRecord, useActors, useAudit } from "../api/settings";
import { Panel } from "../parts/insight-card";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { momentIn } from "../state/words";

const TONES: Record<AuditRecord["verb"], string> = { did: "footfall", saw: "gray", exported: "orange" };

export default function AuditTab() {
  const { project } = useSession();
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useAudit();
  const nameOf = useActors();
  const rows = data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Panel title="Audit log">
      {error && <Failure error={error} again={() => refetch()} />}
      {isPending && <Waiting height={160} />}
      {data && rows.length === 0 && <Nothing title="Nothing was written down yet" />}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={820}>
          <Table fz="sm" verticalSpacing={5} className="numbers">
            <Table.Thead>
              <Table.Tr>
                {["When", "Who", "", "What", "Of"].map((title) => (
                  <Table.Th key={title} aria-label={title || "How"}>
                    {title}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((one) => (
                <Table.Tr key={one.id}>
                  <Table.Td style={{ whiteSpace: "nowrap" }}>{momentIn(project.timezone, one.at, true)}</Table.Td>
                  <Table.Td title={one.actor}>{nameOf(one.actor)}</Table.Td>
                  <Table.Td>
                    <Badge variant="light" color={TONES[one.verb]} tt="none">
                      {one.verb}
                    </Badge>
                  </Table.Td>
                  <Table.Td style={{ whiteSpace: "nowrap" }}>
                    <Code>{one.what}</Code>
                  </Table.Td>
                  <Table.Td title={one.subject ?? undefined}>
                    {one.subject === null ? "–" : nameOf(one.subject)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {hasNextPage && (
        <Button variant="default" mt="sm" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          More
        </Button>
      )}
    </Panel>
  );
}
