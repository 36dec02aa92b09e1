/** Somebody's events as they were sent, oldest first. */

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { streamOptions } from "../api/people";
import type { Event } from "../api/types";
import { EventDrawer } from "../parts/event-drawer";
import { EventTable } from "../parts/event-table";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";

export function Stream({ person }: { person: string }) {
  const { api } = useSession();
  const [opened, setOpened] = useState<Event | null>(null);
  const { data, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    streamOptions(api, person),
  );
  if (error && !data) return <Failure error={error} again={() => refetch()} />;
  if (isPending) return <Waiting label="Loading events" />;
  const events = data.pages.flatMap((page) => page.data);
  if (events.length === 0) return <Nothing title="No events" />;
  return (
    <>
      <EventTable ofOne name="Events, oldest first" events={events} open={setOpened} />
      {hasNextPage && (
        <Button variant="default" mt="sm" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          Later events
        </Button>
      )}
      {opened && <EventDrawer event={opened} close={() => setOpened(null)} />}
    </>
  );
}
