/** "Explain this number": what it means, how it was asked, and how to ask the same from elsewhere. */

import { Badge, Button, Code, CopyButton, Group, Modal, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Insights, Kind } from "../api/types";
import type { InsightKind } from "../insights/kind";
import { useSession } from "../session";
import { count } from "../state/words";
import { Failure, Waiting } from "./states";

interface ExplainProps<K extends Kind> {
  row: InsightKind<K>;
  question: Insights[K]["request"];
  close: () => void;
}

export function Explain<K extends Kind>({ row, question, close }: ExplainProps<K>) {
  const { api, project } = useSession();
  const { data, error, refetch } = useQuery({
    queryKey: ["explain", project.id, row.kind, question],
    queryFn: ({ signal }) => api.ask(row.kind, question, { explain: true, signal }),
  });
  const body = JSON.stringify(question, null, 2);
  const curl = curlOf(api.address(`/api/insights/${row.kind}`), JSON.stringify(question));
  return (
    <Modal opened onClose={close} title="Explain this number" size="xl" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="sm">
        <Text size="sm">{row.meaning}</Text>
        {error ? <Failure error={error} again={() => refetch()} /> : null}
        {data ? (
          <Group gap={6}>
            <Badge variant="light" color={data.meta.exact ? "teal" : "orange"} tt="none">
              {data.meta.exact ? "exact" : "approximate"}
            </Badge>
            <Badge variant="light" color="gray" tt="none">
              {count(data.meta.rows_read ?? 0)} rows read
            </Badge>
            <Badge variant="light" color="gray" tt="none">
              {count(data.meta.elapsed_ms ?? 0)} ms in the engine
            </Badge>
            <Badge variant="light" color="gray" tt="none">
              {data.meta.timezone}
            </Badge>
            <Badge variant="light" color="gray" tt="none">
              {count(data.meta.excluded_bots ?? 0)} events of bots left out
            </Badge>
          </Group>
        ) : (
          !error && <Waiting height={30} />
        )}
        <Tabs defaultValue="sql" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="sql">SQL</Tabs.Tab>
            <Tabs.Tab value="json">JSON</Tabs.Tab>
            <Tabs.Tab value="curl">curl</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="sql" pt="xs">
            <Text size="xs" c="dimmed" mb={6}>
              As it was asked of the engine; values are bound, never written into the text.
            </Text>
            <Copied name="SQL" text={data?.meta.sql ?? ""} />
            {data?.meta.params && <Copied name="Values" text={JSON.stringify(data.meta.params, null, 2)} />}
          </Tabs.Panel>
          <Tabs.Panel value="json" pt="xs">
            <Copied name="JSON" text={body} />
          </Tabs.Panel>
          <Tabs.Panel value="curl" pt="xs">
            <Text size="xs" c="dimmed" mb={6}>
              With a read key in the environment, as FOOTFALL_READ_KEY.
            </Text>
            <Copied name="curl" text={curl} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Modal>
  );
}

/** For a shell: what stands in single quotes is taken as it is. */
export function curlOf(address: string, body: string): string {
  const quoted = body.replaceAll("'", "'\\''");
  return `curl '${address}' \\\n  -H "Authorization: Bearer $FOOTFALL_READ_KEY" \\\n  -H 'Content-Type: application/json' \\\n  -d '${quoted}'`;
}

export function Copied({ name, text }: { name: string; text: string }) {
  return (
    <Stack gap={4} mb="xs">
      <Code block mah={320} style={{ overflow: "auto", whiteSpace: "pre-wrap" }} tabIndex={0} aria-label={name}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy} w="fit-content">
            {copied ? "Copied" : `Copy ${name}`}
          </Button>
        )}
      </CopyButton>
    </Stack>
  );
}
