/** What this browser remembers, and nobody else. */

import { Stack, Text } from "@mantine/core";
import { KeysSwitch } from "../parts/help";
import { Panel } from "../parts/insight-card";

export function BrowserTab() {
  return (
    <Stack gap="md" maw={720}>
      <Panel title="Keys">
        <KeysSwitch />
        <Text size="sm" c="dimmed" mt="sm">
          “?” shows them all. The colours are chosen at the top right.
        </Text>
      </Panel>
    </Stack>
  );
}
