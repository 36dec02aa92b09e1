/** All keys there are, and the switch that turns them off. */

import { Modal, SimpleGrid, Stack, Switch, Table, Text } from "@mantine/core";
import { type Right, useSession } from "../session";
import { GROUPS, KEYS, type KeyRow } from "../state/keys";
import { useKeysOn } from "../state/use-keys";
import { Caps } from "./keyed";

export default function Help({ close }: { close: () => void }) {
  const { may } = useSession();
  const rows = KEYS.filter(({ deed }) => deed.does !== "go" || may(deed.right as Right));
  return (
    <Modal opened onClose={close} title="Keys" size="xl" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="lg">
        <KeysSwitch />
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl" verticalSpacing="lg" style={{ alignItems: "start" }}>
          {GROUPS.map((group) => (
            <KeyTable key={group} title={group} rows={rows.filter((row) => row.group === group)} />
          ))}
        </SimpleGrid>
        <Text size="xs" c="dimmed">
          On a chart, arrow keys walk its points and Enter opens the list behind one; Shift with a drag of the mouse
          looks closer.
        </Text>
      </Stack>
    </Modal>
  );
}

function KeyTable({ title, rows }: { title: string; rows: readonly KeyRow[] }) {
  return (
    <Table verticalSpacing={4} captionSide="top" withRowBorders={false}>
      <Table.Caption ta="left" fw={600} c="var(--mantine-color-text)" mt={0} mb={4}>
        {title}
      </Table.Caption>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.id}>
            <Table.Td pl={0}>{row.title}</Table.Td>
            <Table.Td ta="right" pr={0} style={{ whiteSpace: "nowrap" }}>
              <Caps keys={row.keys} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** In the help and in the settings. */
export function KeysSwitch() {
  const [on, setOn] = useKeysOn();
  return (
    <Switch
      label="Single keys"
      description="Off, only keys with Ctrl or Cmd count, and Esc. This browser remembers it."
      checked={on}
      onChange={(changed) => setOn(changed.currentTarget.checked)}
    />
  );
}
