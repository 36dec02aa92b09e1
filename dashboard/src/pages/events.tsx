/** Events one by one: what came, newest first, and all that is known of each. */

import { Alert, Box, Button, Group, Menu, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Download, RefreshCw } from "lucide-react";
import {
  ARCHIVE_FORMATS,
  archiveAddress,
  type EventQuestion,
  eventOptions,
  eventPageOptions,
  eventsFile,
  withBots,
} from "../api/events";
import { saveFile } from "../api/file";
import { type Event, FILE_FORMATS, type Filter } from "../api/types";
import { EventDrawer } from "../parts/event-drawer";
import { EventNames } from "../parts/event-names";
import { EventTable } from "../parts/event-table";
import { Panel } from "../parts/insight-card";
import { ForReaders } from "../parts/not-allowed";
import { Pager, usePaging } from "../parts/pager";
import { Failure, Heading, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { useChange, useFrame, usePageView } from "../state/use-view";

export default function EventsPage() {
  return (
    <ForReaders what="Single events">
      <Explorer />
    </ForReaders>
  );
}

function Explorer() {
  const { api } = useSession();
  const view = usePageView();
  const change = useChange();
  const { bounds } = useFrame();
  const list = {
    events: view.events ?? [],
    filters: withBots(view.filters ?? [], view.bots === true),
    from: bounds.from,
    to: bounds.to,
  };
  const paging = usePaging(list);
  const asked: EventQuestion = { ...list, limit: paging.limit, cursor: paging.cursor };
  const { data, error, isPlaceholderData, isFetching, refetch } = useQuery(eventPageOptions(api, asked));
  const onFilter = (filter: Filter) =>
    change({ filters: [...(view.filters ?? []), filter], opened: undefined, page: undefined });
  return (
    <>
      <Heading title="Events">
        <Button variant="default" leftSection={<RefreshCw size={14} />} onClick={() => refetch()} disabled={isFetching}>
          Refresh
        </Button>
        <Exports asked={asked} />
      </Heading>
      {view.opened !== undefined && (
        <Opened
          id={view.opened}
          known={data?.data.find((one) => one.event_id === view.opened)}
          close={() => change({ opened: undefined })}
          onFilter={onFilter}
        />
      )}
      <Panel>
        <Group mb="xs">
          <EventNames
            label="Events that are listed"
            names={list.events}
            onChange={(names) => change({ events: names.length > 0 ? names : undefined, page: undefined })}
          />
        </Group>
        {error && <Failure error={error} again={() => refetch()} />}
        {!data && !error && <Waiting label="Loading events" />}
        {data && (
          <Box
            className={isPlaceholderData ? "stale" : undefined}
            aria-busy={isPlaceholderData}
            inert={isPlaceholderData}
          >
            {data.data.length === 0 ? (
              <NoEvents />
            ) : (
              <EventTable
                name="Events, newest first"
                events={data.data}
                open={(event) => change({ opened: event.event_id })}
              />
            )}
            <Pager paging={paging} next={data.next} words={WORDS} />
          </Box>
        )}
      </Panel>
    </>
  );
}

const WORDS = { first: "Newest", before: "Newer", after: "Older" };

function NoEvents() {
  const view = usePageView();
  const change = useChange();
  const chosen = (view.filters ?? []).length + (view.events ?? []).length > 0;
  return (
    <Nothing title="No events in this range">
      {chosen ? (
        <Button
          variant="default"
          mt={4}
          onClick={() => change({ filters: undefined, events: undefined, page: undefined })}
        >
          Without filters and names
        </Button>
      ) : (
        <>Another range may have some.{!view.bots && " Events of bots are not shown."}</>
      )}
    </Nothing>
  );
}

interface OpenedProps {
  id: string;
  /** The event, where the list has it. */
  known: Event | undefined;
  close: () => void;
  onFilter: (filter: Filter) => void;
}

function Opened({ id, known, close, onFilter }: OpenedProps) {
  const { api } = useSession();
  const { data, error, refetch } = useQuery({
    ...eventOptions(api, id),
    enabled: !known,
    placeholderData: keepPreviousData,
  });
  const event = known ?? data;
  if (event) return <EventDrawer event={event} close={close} onFilter={onFilter} />;
  if (error) return <Failure error={error} again={() => refetch()} />;
  if (data === undefined) return null;
  return (
    <Alert color="orange" role="alert" mb="sm" withCloseButton closeButtonLabel="Close" onClose={close}>
      The event that the address names is not here, or not any more.
    </Alert>
  );
}

function Exports({ asked }: { asked: EventQuestion }) {
  const { api } = useSession();
  return (
    <Menu position="bottom-end" shadow="md" width={280}>
      <Menu.Target>
        <Button variant="default" leftSection={<Download size={14} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>What matches</Menu.Label>
        {FILE_FORMATS.map((format) => (
          <Menu.Item key={format} onClick={() => saveFile(eventsFile(api, format, asked), `events.${format}`)}>
            {format.toUpperCase()}
          </Menu.Item>
        ))}
        {asked.events.length !== 1 && (
          <Text size="xs" c="dimmed" px="sm" pb={4}>
            Without events whose names begin with $.
          </Text>
        )}
        <Menu.Divider />
        <Menu.Label>
          {asked.events.length > 0 ? "All of these names" : "All of the range"}, unfiltered and with bots
        </Menu.Label>
        {ARCHIVE_FORMATS.map((format) => (
          <Menu.Item key={format} component="a" href={archiveAddress(api, format, asked)} download>
            {format.toUpperCase()}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
