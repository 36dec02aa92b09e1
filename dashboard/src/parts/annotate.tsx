/** What happened when: written down, listed, put right and taken back. */

import { ActionIcon, Badge, Button, Group, Modal, Stack, Table, Text, Textarea, TextInput } from "@mantine/core";
import { PencilLine, Trash2 } from "lucide-react";
import { useState } from "react";
import { type Annotation, useAnnotating, useAnnotations } from "../api/annotations";
import { useSession } from "../session";
import { clockIn } from "../state/clock";
import { momentIn } from "../state/words";
import { Ask } from "./ask";
import { Failure, Nothing, Waiting } from "./states";

export default function AnnotateDialog({ at, close }: { at?: string; close: () => void }) {
  return (
    <Modal opened onClose={close} title="What happened when" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <Annotations at={at} />
    </Modal>
  );
}

/** The form and the list; `at` is the time that the form begins with. */
export function Annotations({ at }: { at?: string | undefined }) {
  const { may } = useSession();
  const [changed, setChanged] = useState<Annotation | null>(null);
  return (
    <Stack gap="md">
      {may("annotate") && (
        <NoteForm key={changed?.id ?? "new"} changed={changed} at={at} done={() => setChanged(null)} />
      )}
      <NoteList change={setChanged} />
    </Stack>
  );
}

interface NoteFormProps {
  changed: Annotation | null;
  at: string | undefined;
  done: () => void;
}

function NoteForm({ changed, at, done }: NoteFormProps) {
  const { project } = useSession();
  const { create, replace } = useAnnotating();
  const [text, setText] = useState(changed?.text ?? "");
  // The field is in the project's zone, as the server reads a time without an offset.
  const [when, setWhen] = useState(clockIn(project.timezone, changed?.at ?? at ?? Date.now()));
  const [kind, setKind] = useState(changed?.kind ?? "");
  const busy = create.isPending || replace.isPending;
  const error = create.error ?? replace.error;
  const send = () => {
    const now = {
      text: text.trim(),
      at: when,
      ...(kind.trim() !== "" && { kind: kind.trim() }),
      tags: changed?.tags ?? [],
    };
    const onSuccess = () => {
      setText("");
      done();
    };
    if (changed) replace.mutate({ before: changed.id, now }, { onSuccess });
    else create.mutate(now, { onSuccess });
  };
  return (
    <form
      onSubmit={(submitted) => {
        submitted.preventDefault();
        if (text.trim() !== "" && when !== "" && !busy) send();
      }}
    >
      <Stack gap="sm">
        <Textarea
          label="What happened"
          placeholder="Version 1.4.2 is out"
          data-autofocus
          autosize
          minRows={1}
          maxLength={2000}
          value={text}
          onChange={(typed) => setText(typed.currentTarget.value)}
        />
        <Group grow align="end">
          <TextInput
            type="datetime-local"
            label={`When (${project.timezone})`}
            value={when}
            onChange={(typed) => setWhen(typed.currentTarget.value)}
          />
          <TextInput
            label="Kind"
            placeholder="release"
            maxLength={60}
            value={kind}
            onChange={(typed) => setKind(typed.currentTarget.value)}
          />
        </Group>
        {error && <Failure error={error} />}
        <Group gap="xs">
          <Button type="submit" loading={busy} disabled={text.trim() === "" || when === ""}>
            {changed ? "Change it" : "Write it down"}
          </Button>
          {changed && (
            <Button variant="default" onClick={done}>
              Cancel
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

function NoteList({ change }: { change: (note: Annotation) => void }) {
  const { project, may } = useSession();
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useAnnotations();
  const { remove } = useAnnotating();
  const [gone, setGone] = useState<Annotation | null>(null);
  if (error) return <Failure error={error} again={() => refetch()} />;
  if (isPending) return <Waiting height={80} />;
  const rows = data.pages.flatMap((page) => page.data);
  if (rows.length === 0) {
    return (
      <Nothing title="Nothing is written down yet">
        A release, a campaign, an outage: lines in the charts say when it was. A pipeline can write it, too, with POST
        /api/annotations.
      </Nothing>
    );
  }
  return (
    <Stack gap="xs">
      <Table fz="sm" verticalSpacing={5} className="numbers">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={160}>When</Table.Th>
            <Table.Th>What happened</Table.Th>
            {may("edit") && <Table.Th aria-label="What can be done" w={76} />}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((note) => (
            <Table.Tr key={note.id}>
              <Table.Td valign="top">{momentIn(project.timezone, note.at)}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                <Text size="sm">{note.text}</Text>
                <Group gap={4}>
                  {[note.kind, ...note.tags, note.ref].filter(Boolean).map((word) => (
                    <Badge key={word} size="sm" variant="light" color="gray" tt="none">
                      {word}
                    </Badge>
                  ))}
                </Group>
              </Table.Td>
              {may("edit") && (
                <Table.Td valign="top">
                  <Group gap={2} wrap="nowrap" justify="flex-end">
                    {/* One with a ref is somebody's program's, which would write the old one again. */}
                    {note.ref === null && (
                      <ActionIcon size={26} aria-label={`Change “${note.text}”`} onClick={() => change(note)}>
                        <PencilLine size={14} />
                      </ActionIcon>
                    )}
                    <ActionIcon size={26} aria-label={`Delete “${note.text}”`} onClick={() => setGone(note)}>
                      <Trash2 size={14} />
                    </ActionIcon>
                  </Group>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {hasNextPage && (
        <Button variant="default" w="fit-content" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          More
        </Button>
      )}
      {gone && (
        <Ask title="Delete this?" deed="Delete" act={() => remove.mutateAsync(gone.id)} close={() => setGone(null)}>
          {gone.text}
        </Ask>
      )}
    </Stack>
  );
}
