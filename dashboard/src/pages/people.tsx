/** People: everybody, who was seen last first, found by part of an id or a trait. */

import { Badge, Box, Group, Switch, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { directoryOptions, type Listed } from "../api/people";
import { PersonLink } from "../parts/behind";
import { Filters } from "../parts/filters";
import { Panel } from "../parts/insight-card";
import { ForReaders } from "../parts/not-allowed";
import { Pager, usePaging } from "../parts/pager";
import { SearchField } from "../parts/search-field";
import { Failure, Heading, Nothing, Waiting } from "../parts/states";
import { Merges } from "../people/merges";
import { personName, shortTraits } from "../people/names";
import { useSession } from "../session";
import { useChange, usePageView } from "../state/use-view";
import { counted, momentIn } from "../state/words";

export default function PeoplePage() {
  return (
    <>
      <Heading title="People" />
      <ForReaders what="People">
        <Directory />
        <Merges />
      </ForReaders>
    </>
  );
}

function Directory() {
  const { api } = useSession();
  const view = usePageView();
  const change = useChange();
  const list = { search: view.search ?? "", filters: view.filters ?? [], bots: view.bots === true };
  const paging = usePaging(list);
  const { data, error, isPlaceholderData, refetch } = useQuery(
    directoryOptions(api, { ...list, limit: paging.limit, cursor: paging.cursor }),
  );
  const find = useCallback(
    (search: string) => change({ search: search === "" ? undefined : search }, { replace: true }),
    [change],
  );
  return (
    <Panel>
      <Group gap="xs" mb="xs" justify="space-between">
        <SearchField
          label="Search people"
          placeholder="Part of an id, a name, an e-mail address …"
          value={list.search}
          onChange={find}
        />
        <Group gap="xs">
          <Filters
            label="Who did"
            filters={list.filters}
            onChange={(filters) => change({ filters: filters.length > 0 ? filters : undefined })}
          />
          <Switch
            size="xs"
            label="Bots too"
            checked={list.bots}
            onChange={(changed) => change({ bots: changed.currentTarget.checked || undefined })}
          />
        </Group>
      </Group>
      {error && <Failure error={error} again={() => refetch()} />}
      {!data && !error && <Waiting label="Loading people" />}
      {data && (
        <Box
          className={isPlaceholderData ? "stale" : undefined}
          aria-busy={isPlaceholderData}
          inert={isPlaceholderData}
        >
          <Text size="xs" c="dimmed" mb={4} aria-live="polite" data-testid="people-total">
            {counted(data.total, "person", "people")}, who was seen last first
          </Text>
          {data.people.length === 0 ? (
            <Nothing title="Nobody like that">
              {list.search || list.filters.length > 0
                ? "Another text, or fewer filters, may find somebody."
                : "People appear with the first event that says who did something."}
            </Nothing>
          ) : (
            <Rows people={data.people} />
          )}
          <Pager paging={paging} next={data.next} />
        </Box>
      )}
    </Panel>
  );
}

const TRAITS_SHOWN = 3;

function Rows({ people }: { people: readonly Listed[] }) {
  const { project } = useSession();
  return (
    <Table
      fz="sm"
      verticalSpacing={5}
      highlightOnHover
      className="numbers"
      aria-label="People, who was seen last first"
    >
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Who</Table.Th>
          <Table.Th visibleFrom="md">Known of them</Table.Th>
          <Table.Th visibleFrom="sm">First seen</Table.Th>
          <Table.Th>Last seen</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {people.map((one) => {
          const name = personName(one);
          return (
            <Table.Tr key={one.id}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                <PersonLink id={one.id} name={name} />
                {one.user_id && one.user_id !== name && (
                  <Text span size="xs" c="dimmed" ml={8}>
                    {one.user_id}
                  </Text>
                )}
              </Table.Td>
              <Table.Td visibleFrom="md">
                <Group gap={4}>
                  {shortTraits(one.traits, TRAITS_SHOWN).map(([trait, text]) => (
                    <Badge key={trait} variant="light" color="gray" tt="none" fw={500} maw={260}>
                      {trait}: {text}
                    </Badge>
                  ))}
                </Group>
              </Table.Td>
              <Table.Td visibleFrom="sm">{momentIn(project.timezone, one.first_seen)}</Table.Td>
              <Table.Td>{momentIn(project.timezone, one.last_seen)}</Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
