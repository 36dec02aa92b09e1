/** Two users made one person, or such a merge taken back: first what it would change, then the change, then its undoing. */

import { Alert, Autocomplete, Button, Group, Modal, Stack, Table, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Change, directoryOptions, type Side, type Step, take } from "../api/people";
import { Failure, Waiting } from "../parts/states";
import { useSession } from "../session";
import { count, momentIn } from "../state/words";

interface MergeDialogProps {
  /** What is begun with; empty fields are filled in by hand. */
  start: Step;
  close: () => void;
}

export function MergeDialog({ start, close }: MergeDialogProps) {
  const { api } = useSession();
  const client = useQueryClient();
  const [step, setStep] = useState(start);
  const preview = useMutation({ mutationFn: (wanted: Step) => take(api, wanted, true) });
  const taken = useMutation({
    mutationFn: (wanted: Step) => take(api, wanted, false),
    // Who counts as whom is in every number; they are asked again behind the dialog.
    onSuccess: () => void client.invalidateQueries(),
  });
  const { mutate: look } = preview;
  useEffect(() => {
    if (isWhole(start)) look(start);
  }, [start, look]);
  const words = WORDS[step.does];
  const change = (next: Step) => {
    setStep(next);
    preview.reset();
  };
  return (
    <Modal opened onClose={close} title={words.title} size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="sm">
        {taken.data ? (
          <Done change={taken.data} step={taken.variables} close={close} />
        ) : (
          <>
            {step.does === "merge" && <Fields step={step} change={change} />}
            {preview.isPending && <Waiting height={120} label="Looking what changes" />}
            {preview.error && <Failure error={preview.error} />}
            {preview.data && <Told change={preview.data} does={step.does} />}
            {taken.error && <Failure error={taken.error} />}
            <Group justify="end" gap="xs">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              {preview.data ? (
                <Button onClick={() => taken.mutate(step)} loading={taken.isPending}>
                  {words.does}
                </Button>
              ) : (
                <Button onClick={() => look(step)} loading={preview.isPending} disabled={!isWhole(step)}>
                  See what changes
                </Button>
              )}
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  );
}

const WORDS: Record<Step["does"], { title: string; does: string }> = {
  merge: { title: "Merge two users", does: "Merge them" },
  unmerge: { title: "Undo a merge", does: "Undo it" },
};

function isWhole(step: Step): boolean {
  if (step.does === "unmerge") return step.user_id !== "";
  return step.user_id !== "" && step.into !== "" && step.user_id !== step.into;
}

type MergeStep = Extract<Step, { does: "merge" }>;

function Fields({ step, change }: { step: MergeStep; change: (step: Step) => void }) {
  return (
    <>
      <Text size="sm">
        Two users of yours who are the same person. They are one in every number from then on, for the past too, until
        it is undone. Their events stay as they were sent.
      </Text>
      <Group grow align="start">
        <UserField label="This user" value={step.user_id} onChange={(user_id) => change({ ...step, user_id })} />
        <UserField label="counts as this one" value={step.into} onChange={(into) => change({ ...step, into })} />
      </Group>
    </>
  );
}

const OFFERED = 20;

function UserField({ label, value, onChange }: { label: string; value: string; onChange: (user: string) => void }) {
  const { api } = useSession();
  const [search] = useDebouncedValue(value, 250);
  const { data } = useQuery(directoryOptions(api, { search, filters: [], bots: false, limit: OFFERED }));
  const users = data?.people.flatMap((one) => one.user_id ?? []) ?? [];
  return (
    <Autocomplete label={label} placeholder="A user id" value={value} onChange={onChange} data={[...new Set(users)]} />
  );
}

function Told({ change, does }: { change: Change; does: Step["does"] }) {
  return (
    <>
      <Text size="sm" fw={600}>
        {does === "merge"
          ? `“${change.user_id}” would count as “${change.into}”, with ${count(change.moves.events)} events.`
          : `“${change.user_id}” would be a person again, with ${count(change.moves.events)} events.`}
      </Text>
      <Sides title="Now" sides={change.before} />
      <Sides title="Then" sides={change.after} />
      {does === "merge" && (
        <Text size="xs" c="dimmed">
          Sessions may be fewer than both had: what lay less than half an hour apart is one.
        </Text>
      )}
    </>
  );
}

function Sides({ title, sides }: { title: string; sides: readonly Side[] }) {
  const { project } = useSession();
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table fz="sm" verticalSpacing={4} className="numbers">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{title}</Table.Th>
            <Table.Th ta="right">Events</Table.Th>
            <Table.Th ta="right">Sessions</Table.Th>
            <Table.Th ta="right">Devices</Table.Th>
            <Table.Th>First seen</Table.Th>
            <Table.Th>Last seen</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sides.map((side) => (
            <Table.Tr key={side.person_id}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{side.user_ids.join(", ")}</Table.Td>
              <Table.Td ta="right">{count(side.events)}</Table.Td>
              <Table.Td ta="right">{count(side.sessions)}</Table.Td>
              <Table.Td ta="right">{count(side.anonymous_ids.length)}</Table.Td>
              <Table.Td>{side.first_seen ? momentIn(project.timezone, side.first_seen) : "–"}</Table.Td>
              <Table.Td>{side.last_seen ? momentIn(project.timezone, side.last_seen) : "–"}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** What was done, and the way back. */
function Done({ change, step, close }: { change: Change; step: Step; close: () => void }) {
  const { api } = useSession();
  const client = useQueryClient();
  const undoing = useMutation({
    mutationFn: () => take(api, oppositeOf(step, change), false),
    onSuccess: () => void client.invalidateQueries(),
  });
  return (
    <>
      <Alert color="teal" role="status" title={undoing.data ? "It is as it was before" : "Done"}>
        {undoing.data
          ? "Every number is as if it had not been done."
          : step.does === "merge"
            ? `“${change.user_id}” counts as “${change.into}”. The audit log has who did it, and when.`
            : `“${change.user_id}” is a person again.`}
      </Alert>
      {undoing.error && <Failure error={undoing.error} />}
      <Group justify="end" gap="xs">
        {!undoing.data && (
          <Button variant="default" onClick={() => undoing.mutate()} loading={undoing.isPending}>
            Undo
          </Button>
        )}
        <Button onClick={close}>Close</Button>
      </Group>
    </>
  );
}

function oppositeOf(step: Step, { user_id, into }: Change): Step {
  return step.does === "merge" ? { does: "unmerge", user_id } : { does: "merge", user_id, into };
}
