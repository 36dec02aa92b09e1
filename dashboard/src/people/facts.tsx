/** What is known of somebody: traits, ids, groups, and what they came with. */

import { Code, CopyButton, Group, Stack, Table, Text, Tooltip, UnstyledButton } from "@mantine/core";
import type { Profile } from "../api/people";
import type { Schemas } from "../api/types";
import { BarList } from "../charts";
import { Panel } from "../parts/insight-card";
import { count } from "../state/words";
import { traitText } from "./names";

export function Facts({ profile }: { profile: Profile }) {
  const traits = Object.entries(profile.traits);
  const seen: [string, readonly Schemas["Seen"][]][] = [
    ["Devices", profile.devices],
    ["Browsers", profile.browsers],
    ["Systems", profile.os],
    ...Object.entries(profile.groups).map(([kind, values]): [string, readonly Schemas["Seen"][]] => [
      `Groups: ${kind}`,
      values,
    ]),
  ];
  return (
    <Stack gap="md">
      <Panel title="Traits">
        {traits.length === 0 ? (
          <Text size="sm" c="dimmed">
            None was told. They come with $identify, as properties.traits.
          </Text>
        ) : (
          <Table fz="sm" verticalSpacing={3} layout="fixed">
            <Table.Tbody>
              {traits.map(([trait, value]) => (
                <Table.Tr key={trait}>
                  <Table.Th scope="row" w="40%" fw={500} c="dimmed" style={WRAPPED}>
                    {trait}
                  </Table.Th>
                  <Table.Td style={WRAPPED}>{traitText(value)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Panel>
      <Panel title="Ids">
        <Ids title="As a user" ids={profile.user_ids} />
        <Ids title="As a device" ids={profile.anonymous_ids} />
        <Ids title="Here" ids={[profile.id]} />
      </Panel>
      {seen
        .filter(([, values]) => values.length > 0)
        .map(([title, values]) => (
          <Panel key={title} title={title}>
            <BarList
              name={`${title}, by events`}
              format={count}
              bars={values.map(({ value, events }) => ({ name: value, value: events }))}
            />
          </Panel>
        ))}
    </Stack>
  );
}

const WRAPPED = { overflowWrap: "anywhere" } as const;

function Ids({ title, ids }: { title: string; ids: readonly string[] }) {
  if (ids.length === 0) return null;
  return (
    <Stack gap={2} mb="xs">
      <Text size="xs" c="dimmed">
        {title}
      </Text>
      <Group gap={6}>
        {ids.map((id) => (
          <CopyButton key={id} value={id}>
            {({ copied, copy }) => (
              <Tooltip label={copied ? "Copied" : "Copy"}>
                <UnstyledButton onClick={copy} mih={24} aria-label={`Copy ${id}`}>
                  <Code style={WRAPPED}>{id}</Code>
                </UnstyledButton>
              </Tooltip>
            )}
          </CopyButton>
        ))}
      </Group>
    </Stack>
  );
}
