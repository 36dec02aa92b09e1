/** What was refused, together by what one mend would free: taken anew, let go, or looked at one by one. */

import { Badge, Box, Button, Code, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { refused, said } from "../api/change";
import {
  type Entry,
  type Like,
  likeOf,
  type Group as Refused,
  useEntries,
  useGroups,
  useQuarantining,
} from "../api/plan";
import { Ask } from "../parts/ask";
import { Panel } from "../parts/insight-card";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { counted, momentIn } from "../state/words";
import { DraftDialog } from "./draft";
import { replayedWords } from "./words";

export function QuarantineTab() {
  const { may } = useSession();
  const { data, error, isPending, refetch } = useGroups();
  return (
    <Panel
      title="Quarantine"
      actions={may("admin") && data && data.length > 1 && <Replay like={{}} words="Replay all" />}
    >
      <Text size="sm" c="dimmed" mb="sm">
        What came in and was refused is kept here with its reason; it counts nowhere. Once the plan or its sender is
        mended, replay it: it keeps its time, and counts once.
      </Text>
      {error && <Failure error={error} again={() => refetch()} />}
      {isPending && <Waiting height={160} label="Loading the quarantine" />}
      {data?.length === 0 && <Nothing title="Nothing was refused" />}
      <Stack gap={0} component="ul" p={0} m={0} style={LISTED} aria-label="Refused events">
        {data?.map((group) => (
          <li key={JSON.stringify(likeOf(group))} className="ruled">
            <GroupRow group={group} />
          </li>
        ))}
      </Stack>
    </Panel>
  );
}

const UNPLANNED = "unplanned_event";

function nameOf(group: Refused): string {
  return group.event ?? "Without a name";
}

function GroupRow({ group }: { group: Refused }) {
  const { may, project } = useSession();
  const [open, setOpen] = useState<"draft" | "discard" | null>(null);
  const [listed, setListed] = useState(false);
  const { discard } = useQuarantining();
  const moment = (at: string) => momentIn(project.timezone, at, true);
  const name = nameOf(group);
  const of = `${name}, ${group.reason}${group.path && ` at ${group.path}`}`;
  return (
    <section aria-label={of}>
      <Group gap={8} align="baseline">
        <Text size="sm" fw={600} style={WRAPPED}>
          {name}
        </Text>
        <Badge variant="light" color="orange" tt="none">
          {group.reason}
        </Badge>
        {group.path && <Code style={WRAPPED}>{group.path}</Code>}
        {group.app_version && (
          <Badge variant="light" color="gray" tt="none">
            app {group.app_version}
          </Badge>
        )}
      </Group>
      <Text size="sm" style={WRAPPED}>
        {group.detail}
      </Text>
      <Text size="xs" c="dimmed" className="numbers">
        {counted(group.entries, "entry", "entries")},{" "}
        {[...new Set([moment(group.first), moment(group.last)])].join(" to ")}
      </Text>
      <Group gap={6} mt={6}>
        {may("read") && (
          <Button variant="default" aria-expanded={listed} onClick={() => setListed(!listed)}>
            {listed ? "Hide what was sent" : "Show what was sent"}
          </Button>
        )}
        {may("read") && group.reason === UNPLANNED && group.event !== null && (
          <Button variant="default" onClick={() => setOpen("draft")}>
            Add to plan
          </Button>
        )}
        {may("admin") && (
          <>
            <Replay like={likeOf(group)} words="Replay" />
            <Button variant="default" onClick={() => setOpen("discard")}>
              Discard
            </Button>
          </>
        )}
      </Group>
      {listed && <Entries group={group} />}
      {open === "draft" && group.event !== null && <DraftDialog event={group.event} close={() => setOpen(null)} />}
      {open === "discard" && (
        <Ask
          title={`Discard ${counted(group.entries, "entry", "entries")} of “${name}”?`}
          deed="Discard"
          close={() => setOpen(null)}
          act={async () => {
            await discard.mutateAsync(likeOf(group));
            said(`What was refused of “${name}” is gone.`);
          }}
        >
          They are gone for good, and cannot be replayed any more. The number of quarantined events stays what it is.
        </Ask>
      )}
    </section>
  );
}

function Replay({ like, words }: { like: Like; words: string }) {
  const { replay } = useQuarantining();
  return (
    <Button
      variant="default"
      loading={replay.isPending}
      onClick={() => replay.mutateAsync(like).then((told) => said(replayedWords(told)), refused)}
    >
      {words}
    </Button>
  );
}

function Entries({ group }: { group: Refused }) {
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useEntries(group);
  const rows = data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Box pl="md" mt="xs">
      {error && <Failure error={error} again={() => refetch()} />}
      {isPending && <Waiting height={80} label="Loading the entries" />}
      <Stack gap={0} component="ul" p={0} m={0} style={LISTED} aria-label={`Entries of ${nameOf(group)}`}>
        {rows.map((one) => (
          <li key={one.id} className="ruled">
            <EntryRow entry={one} />
          </li>
        ))}
      </Stack>
      {hasNextPage && (
        <Button variant="default" mt="xs" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          More
        </Button>
      )}
    </Box>
  );
}

function EntryRow({ entry }: { entry: Entry }) {
  const { project } = useSession();
  return (
    <>
      <Text size="xs" c="dimmed" className="numbers">
        {momentIn(project.timezone, entry.received_at, true)} by {entry.source}
      </Text>
      <Text size="sm" style={WRAPPED}>
        {entry.detail}
      </Text>
      <Box component="details" mt={4}>
        <Text component="summary" size="xs" c="dimmed" style={{ cursor: "pointer", minHeight: 24 }}>
          What was sent
        </Text>
        {/* Text, whatever is in it. */}
        <Code
          block
          tabIndex={0}
          style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", maxHeight: 320, overflow: "auto" }}
        >
          {entry.sent}
        </Code>
      </Box>
    </>
  );
}

const LISTED = { listStyle: "none" } as const;
const WRAPPED = { overflowWrap: "anywhere" } as const;
