/** Where something is sent: a row for each channel. */

import { ActionIcon, Button, Group, PasswordInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import type { ReactNode } from "react";
import type { Channel } from "../api/alerts";
import { CHANNELS } from "./words";

type Type = Channel["type"];

interface ChannelsProps {
  channels: readonly Channel[];
  change: (channels: Channel[]) => void;
  /** The server has them already, and shows nothing of their secrets. */
  known: boolean;
  /** Those that there are to choose from, the first of them first. */
  types?: readonly Type[];
  /** What it means that there is none. */
  children: ReactNode;
}

const ALL = Object.keys(CHANNELS) as Type[];

export function Channels({ channels, change, known, types = ALL, children }: ChannelsProps) {
  const put = (place: number, changes: Partial<Channel>) =>
    change(channels.map((one, at) => (at === place ? { ...one, ...changes } : one)));
  return (
    <Stack gap="xs">
      {channels.length === 0 && (
        <Text size="sm" c="dimmed">
          {children}
        </Text>
      )}
      {channels.map((channel, place) => {
        const row = CHANNELS[channel.type];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a channel is its place
          <Group key={place} align="end" gap={6}>
            <Select
              label="Channel"
              w={150}
              value={channel.type}
              allowDeselect={false}
              data={types.map((type) => ({ value: type, label: CHANNELS[type].title }))}
              onChange={(type) => type && put(place, { type: type as Type, target: "", secret: "" })}
            />
            <TextInput
              label={row.target}
              flex={1}
              miw={180}
              placeholder={row.example}
              value={channel.target ?? ""}
              onChange={(typed) => put(place, { target: typed.currentTarget.value })}
            />
            {row.secret !== undefined && (
              <PasswordInput
                label={row.secret}
                w={220}
                autoComplete="off"
                placeholder={known ? "As it was" : ""}
                value={channel.secret ?? ""}
                onChange={(typed) => put(place, { secret: typed.currentTarget.value })}
              />
            )}
            <ActionIcon
              mb={4}
              aria-label={`Remove the channel ${row.title}`}
              onClick={() => change(channels.filter((_, at) => at !== place))}
            >
              <X size={14} />
            </ActionIcon>
          </Group>
        );
      })}
      <More words="A channel" onClick={() => change([...channels, { type: types[0] ?? "slack", target: "" }])} />
    </Stack>
  );
}

export function More({ words, onClick }: { words: string; onClick: () => void }) {
  return (
    <Button variant="subtle" color="gray" w="fit-content" leftSection={<Plus size={14} />} onClick={onClick}>
      {words}
    </Button>
  );
}
