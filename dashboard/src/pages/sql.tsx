/** SQL of one's own over the project's rows: a statement, its result, and where it is wrong. */

import {
  Badge,
  Box,
  Button,
  Code,
  Grid,
  Group,
  Kbd,
  Menu,
  Stack,
  Table,
  Tabs,
  Text,
  Textarea,
  UnstyledButton,
} from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { BookOpen, FileDown, History, Play } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Problem } from "../api/client";
import { saveFile } from "../api/file";
import { type Result, sqlOptions } from "../api/sql";
import { Panel } from "../parts/insight-card";
import { Failure, Heading, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { csvOf, textOf } from "../sql/csv";
import { useHistory } from "../sql/history";
import { offsetOf, pointedAt } from "../sql/place";
import { examplesFor, type SqlTable, TABLES } from "../sql/tables";
import { isMac } from "../state/keys";
import { useChange, usePageView } from "../state/use-view";
import { count, counted } from "../state/words";

const LONGEST = 20_000;

export default function SqlPage() {
  const { api, project, may } = useSession();
  const { query = "" } = usePageView();
  const change = useChange();
  const client = useQueryClient();
  const history = useHistory();
  const examples = examplesFor(project.timezone);
  const [text, setText] = useState(query || (examples[0]?.query ?? ""));
  const field = useRef<HTMLTextAreaElement>(null);
  const asked = useQuery({ ...sqlOptions(api, query), enabled: query !== "" && may("read") });
  // Back and forward bring another statement.
  useEffect(() => {
    if (query !== "") setText(query);
  }, [query]);
  const run = (statement = text) => {
    const meant = statement.trim();
    if (meant === "") return;
    history.keep(meant);
    if (meant === query) void client.resetQueries({ queryKey: sqlOptions(api, query).queryKey });
    else change({ query: meant });
    setText(meant);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    run();
  };
  const goTo = (offset: number) => {
    field.current?.focus();
    field.current?.setSelectionRange(offset, offset + 1);
  };
  const put = (statement: string) => {
    setText(statement);
    field.current?.focus();
  };
  return (
    <>
      <Heading title="SQL">
        <Picker
          icon={<BookOpen size={14} />}
          title="Examples"
          rows={examples.map((one) => ({ key: one.title, title: one.title, query: one.query }))}
          put={put}
        />
        <Picker
          icon={<History size={14} />}
          title="History"
          rows={history.texts.map((one) => ({ key: one, title: one.replace(/\s+/g, " "), query: one }))}
          put={put}
          forget={history.forget}
        />
      </Heading>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 8.5 }}>
          <Stack gap="md">
            <Panel>
              <Stack gap="xs">
                <Textarea
                  ref={field}
                  aria-label="Statement"
                  autosize
                  minRows={6}
                  maxRows={24}
                  maxLength={LONGEST}
                  spellCheck={false}
                  autoCapitalize="off"
                  autoComplete="off"
                  value={text}
                  onChange={(typed) => setText(typed.currentTarget.value)}
                  onKeyDown={onKeyDown}
                  styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13, tabSize: 2 } }}
                />
                <Group gap="sm">
                  <Button leftSection={<Play size={14} />} loading={asked.isFetching} onClick={() => run()}>
                    Run
                  </Button>
                  <Text size="xs" c="dimmed" visibleFrom="xs">
                    <Kbd size="xs">{isMac() ? "⌘" : "Ctrl"}</Kbd> <Kbd size="xs">Enter</Kbd>
                  </Text>
                  <Text size="xs" c="dimmed">
                    One SELECT, read-only; at most 30 seconds and 10,000 rows.
                  </Text>
                </Group>
                {asked.error && !asked.isFetching && <Wrong error={asked.error} text={query} goTo={goTo} />}
              </Stack>
            </Panel>
            {asked.isFetching && <Waiting height={160} label="Running" />}
            {asked.data && !asked.isFetching && <Rows result={asked.data} />}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 3.5 }}>
          <Panel title="Tables">
            <Tabs defaultValue={TABLES[0]?.name ?? ""} keepMounted={false}>
              <Tabs.List mb="xs">
                {TABLES.map(({ name }) => (
                  <Tabs.Tab key={name} value={name} ff="monospace" fz="xs" px={8}>
                    {name}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              {TABLES.map((table) => (
                <Tabs.Panel key={table.name} value={table.name}>
                  <Columns table={table} insert={(name) => put(inserted(text, field.current, name))} />
                </Tabs.Panel>
              ))}
            </Tabs>
          </Panel>
        </Grid.Col>
      </Grid>
    </>
  );
}

/** The text with a name put where the cursor is. */
function inserted(text: string, field: HTMLTextAreaElement | null, name: string): string {
  const [from, to] = field ? [field.selectionStart, field.selectionEnd] : [text.length, text.length];
  return text.slice(0, from) + name + text.slice(to);
}

interface PickerProps {
  icon: ReactNode;
  title: string;
  rows: readonly { key: string; title: string; query: string }[];
  put: (query: string) => void;
  forget?: () => void;
}

function Picker({ icon, title, rows, put, forget }: PickerProps) {
  return (
    <Menu position="bottom-end" shadow="md" width={340}>
      <Menu.Target>
        <Button variant="default" leftSection={icon} disabled={rows.length === 0}>
          {title}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: "auto" }}>
        {rows.map((row) => (
          <Menu.Item key={row.key} onClick={() => put(row.query)} ff={forget ? "monospace" : "text"} fz="xs">
            <Text inherit lineClamp={2}>
              {row.title}
            </Text>
          </Menu.Item>
        ))}
        {forget && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={forget}>Forget them all</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

interface WrongProps {
  error: Error;
  /** What was run, and not what has been typed since. */
  text: string;
  goTo: (offset: number) => void;
}

/** What is wrong, and at which place of the statement. */
function Wrong({ error, text, goTo }: WrongProps) {
  const position = error instanceof Problem ? error.position : undefined;
  const pointed = position && pointedAt(text, position);
  return (
    <Stack gap={6}>
      <Failure error={error} />
      {position && pointed && (
        <Box>
          <Code block aria-label={`Line ${position.line}, column ${position.column}`} style={{ overflowX: "auto" }}>
            {`${String(pointed.line).padStart(4)} │ ${pointed.text}\n     │ ${pointed.caret}`}
          </Code>
          <Button variant="subtle" mt={4} onClick={() => goTo(offsetOf(text, position))}>
            Go to line {position.line}, column {position.column}
          </Button>
        </Box>
      )}
    </Stack>
  );
}

const FIRST_ROWS = 200;
const NUMBER = /^(Nullable\()?(U?Int|Float|Decimal)/;

function Rows({ result }: { result: Result }) {
  const { columns, types, rows } = result;
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, FIRST_ROWS);
  const numbers = types.map((type) => NUMBER.test(type));
  return (
    <Panel
      title={counted(rows.length, "row")}
      actions={
        rows.length > 0 && (
          <Button
            variant="subtle"
            color="gray"
            leftSection={<FileDown size={14} />}
            onClick={() => saveFile(new Blob([csvOf(columns, rows)], { type: "text/csv" }), "result.csv")}
          >
            CSV
          </Button>
        )
      }
    >
      {rows.length === 0 ? (
        <Nothing title="No rows">The statement is well; nothing fits it.</Nothing>
      ) : (
        <Box style={{ overflow: "auto", maxHeight: 560 }} tabIndex={0} role="region" aria-label="Result">
          <Table fz="sm" verticalSpacing={4} className="numbers" stickyHeader>
            <Table.Thead>
              <Table.Tr>
                {columns.map((column, at) => (
                  <Table.Th
                    // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
                    key={at}
                    ta={numbers[at] ? "right" : "left"}
                    title={types[at]}
                    style={{ whiteSpace: "nowrap" }}
                  >
                    {column}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map((row, line) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two rows may be the same
                <Table.Tr key={line}>
                  {row.map((cell, at) => (
                    <Table.Td
                      // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
                      key={at}
                      ta={numbers[at] ? "right" : "left"}
                      maw={420}
                      style={{ overflowWrap: "anywhere" }}
                    >
                      <Cell value={cell} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Box>
      )}
      {shown.length < rows.length && (
        <Button variant="subtle" color="gray" mt="xs" onClick={() => setAll(true)}>
          Show all {count(rows.length)} rows
        </Button>
      )}
    </Panel>
  );
}

function Cell({ value }: { value: unknown }) {
  if (value === null || value === undefined) {
    return (
      <Text span inherit c="dimmed">
        null
      </Text>
    );
  }
  return textOf(value);
}

function Columns({ table, insert }: { table: SqlTable; insert: (name: string) => void }) {
  return (
    <>
      <Text size="xs" c="dimmed" mb="xs">
        {table.is}
      </Text>
      <Stack gap={0} component="ul" p={0} m={0} mah={460} style={{ listStyle: "none", overflowY: "auto" }}>
        {table.columns.map((column) => (
          <li key={column.name}>
            <UnstyledButton
              className="choice"
              onClick={() => insert(column.name)}
              title={`Put ${column.name} into the statement`}
            >
              <Box flex={1} miw={0}>
                <Group gap={6} wrap="nowrap" justify="space-between">
                  <Text size="xs" ff="monospace" fw={600}>
                    {column.name}
                  </Text>
                  <Badge size="xs" variant="light" color="gray" tt="none" maw={150} title={column.type}>
                    {column.type}
                  </Badge>
                </Group>
                <Text size="xs" c="dimmed">
                  {column.is}
                </Text>
              </Box>
            </UnstyledButton>
          </li>
        ))}
      </Stack>
    </>
  );
}
