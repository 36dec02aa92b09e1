/** A project without events: how the first one is sent, and a wait for it that ends by itself. */

import { Alert, Button, Code, Group, Stack, Tabs, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useEffect } from "react";
import { eventsOptions } from "../api/catalog";
import { makeWriteKey } from "../api/keys";
import { Copied } from "../parts/explain";
import { Panel } from "../parts/insight-card";
import { Failure } from "../parts/states";
import { useSession } from "../session";
import classes from "./overview.module.css";

/** How often it is looked for, in milliseconds. */
const AWAITED = 2_000;

/** `arrived` is called when it is there. */
export function FirstEvent({ arrived }: { arrived: () => void }) {
  const { api, may, project } = useSession();
  const making = useMutation({ mutationFn: () => makeWriteKey(api, "First key") });
  const { data: catalog } = useQuery({ ...eventsOptions(api), refetchInterval: AWAITED, staleTime: 0 });
  const there = catalog !== undefined && (catalog.events.length > 0 || catalog.excluded_bots > 0);
  useEffect(() => {
    if (there) arrived();
  }, [there, arrived]);
  const key = making.data?.value;
  return (
    <Stack maw={760} gap="md" mx="auto" py="md">
      <div>
        <Title order={1}>Send the first event to “{project.name}”</Title>
        <Text c="dimmed" size="sm" mt={4}>
          An event is a name, and whatever else you know of it: who, where, on what. Send one in either way, and this
          page turns into its numbers.
        </Text>
      </div>
      <Group role="status" gap={10}>
        <span className={classes.pulse} aria-hidden />
        <Text size="sm" fw={500}>
          Waiting for the first event…
        </Text>
      </Group>
      <Panel title="1. A key that may send">
        {key ? (
          <Alert color="teal" icon={<KeyRound size={18} />} title="Your write key">
            <Code fz="sm">{key}</Code>
            <Text size="sm" mt={6}>
              It is shown this once, and stands in what you copy below. It may send events and read nothing, so a page
              can have it.
            </Text>
          </Alert>
        ) : may("admin") ? (
          <Group>
            <Button onClick={() => making.mutate()} loading={making.isPending} leftSection={<KeyRound size={14} />}>
              Make a write key
            </Button>
            <Text size="sm" c="dimmed">
              Or put one that you have in the place of <Code>KEY</Code>.
            </Text>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            An admin of the project can make one; put it in the place of <Code>KEY</Code>.
          </Text>
        )}
        {making.error && <Failure error={making.error} again={() => making.mutate()} />}
      </Panel>
      <Panel title="2. The event">
        <Tabs defaultValue="page" keepMounted={false}>
          <Tabs.List>
            {SNIPPETS.map(({ id, title }) => (
              <Tabs.Tab key={id} value={id}>
                {title}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {SNIPPETS.map(({ id, says, text }) => (
            <Tabs.Panel key={id} value={id} pt="xs">
              <Text size="sm" c="dimmed" mb={6}>
                {says}
              </Text>
              <Copied name="this" text={text(globalThis.location.origin, key ?? "KEY")} />
            </Tabs.Panel>
          ))}
        </Tabs>
      </Panel>
      <Text size="sm" c="dimmed">
        Only looking around? <Code>footfall demo</Code> starts a server of its own with 30 days of a made-up shop, and
        leaves nothing behind.
      </Text>
    </Stack>
  );
}

interface Snippet {
  id: string;
  title: string;
  says: string;
  text: (server: string, key: string) => string;
}

export const SNIPPETS: readonly Snippet[] = [
  {
    id: "page",
    title: "A web page",
    says: "Into the head of your pages. Page views, and how long they are looked at, come by themselves.",
    text: (server, key) => `<script async src="${server}/footfall.js" data-key="${key}"></script>`,
  },
  {
    id: "curl",
    title: "curl",
    says: "In a terminal. 204 is the answer when the event is on disk.",
    text: (server, key) =>
      [
        `curl -i ${server}/api/events/collect \\`,
        `  -H "Authorization: Bearer ${key}" \\`,
        `  -d '{"event": "page_view", "anonymous_id": "device-1", "page": "/pricing"}'`,
      ].join("\n"),
  },
];
