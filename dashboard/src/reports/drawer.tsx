/** A report in a drawer: the form, what it would say, and what was sent. The address says which is open. */

import { Alert, Button, Divider, Fieldset, Group, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Channels } from "../alerts/channels";
import { Sent } from "../alerts/history";
import { useBoards } from "../api/boards";
import { said } from "../api/change";
import { type Report, type ShownReport, usePreview, useReporting, useReports, useSent } from "../api/reports";
import { useSavedInsights } from "../api/saved";
import { Choice } from "../parts/choice";
import { NumberField } from "../parts/number-field";
import { Opened } from "../parts/opened";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { useChange, usePageView } from "../state/use-view";
import { momentIn } from "../state/words";
import { asReport, draftOf, EVERY, isWhole, NEW, WEEKDAYS } from "./words";

export function OpenedReport() {
  return (
    <Opened title={(id) => (id === NEW ? "New report" : "Report")} close="Close the report">
      {(id) => <One key={id} id={id} />}
    </Opened>
  );
}

function One({ id }: { id: string }) {
  const { q } = usePageView();
  const { data, error, refetch } = useReports();
  if (id === NEW) return <Editor report={draftOf(q)} known={null} />;
  if (error) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting label="Loading the report" />;
  const found = data.find((report) => report.id === id);
  if (!found) {
    return (
      <Alert color="orange" role="alert">
        There is no such report.
      </Alert>
    );
  }
  return (
    <Stack gap="md">
      {/* A change by somebody else begins the form anew. */}
      <Editor key={found.changed_at} report={asReport(found)} known={found} />
      <Divider label="Sent" labelPosition="left" />
      <History report={id} />
    </Stack>
  );
}

function Editor({ report, known }: { report: Report; known: ShownReport | null }) {
  const { may } = useSession();
  const change = useChange();
  const { put } = useReporting();
  const [draft, setDraft] = useState(report);
  const [error, setError] = useState<unknown>(null);
  const add = (changes: Partial<Report>) => setDraft({ ...draft, ...changes });
  const close = () => change({ opened: undefined, q: undefined });
  const save = async (submitted: FormEvent) => {
    submitted.preventDefault();
    setError(null);
    try {
      const made = await put.mutateAsync({ id: known?.id ?? null, report: { ...draft, name: draft.name.trim() } });
      said(known ? `“${made.name}” is changed.` : `“${made.name}” is sent from now on.`);
      close();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <form onSubmit={save} aria-label={known ? "Change the report" : "New report"}>
      <Stack gap="md">
        <Group align="end" gap="sm">
          <TextInput
            label="Name"
            flex={1}
            miw={200}
            maxLength={200}
            value={draft.name}
            onChange={(typed) => add({ name: typed.currentTarget.value })}
          />
          <Switch
            label="On"
            mb={8}
            checked={draft.enabled !== false}
            onChange={(toggled) => add({ enabled: toggled.currentTarget.checked })}
          />
        </Group>
        <Of draft={draft} add={add} />
        <When draft={draft} add={add} />
        <Fieldset legend="Goes to">
          <Channels
            channels={draft.channels}
            change={(channels) => add({ channels })}
            known={known !== null}
            types={["email", "webhook"]}
          >
            A report goes somewhere: to an address of e-mail, or to a webhook.
          </Channels>
        </Fieldset>
        <Preview draft={draft} />
        {error !== null && <Failure error={error} />}
        {may("edit") ? (
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={put.isPending} disabled={!isWhole(draft)}>
              {known ? "Save" : "Make the report"}
            </Button>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            Who may edit boards may change reports.
          </Text>
        )}
      </Stack>
    </form>
  );
}

interface PartProps {
  draft: Report;
  add: (changes: Partial<Report>) => void;
}

function Of({ draft, add }: PartProps) {
  const { data: boards = [] } = useBoards();
  const { data: saved = [] } = useSavedInsights();
  const choices = (rows: readonly { id: string; name: string }[]) =>
    rows.map(({ id, name }) => ({ value: id, label: name }));
  const choose = (id: string | null) => {
    if (id === null) return;
    const isBoard = boards.some((board) => board.id === id);
    const of = [...boards, ...saved].find((one) => one.id === id);
    add({ board: isBoard ? id : null, saved: isBoard ? null : id, ...(draft.name === "" && { name: of?.name ?? "" }) });
  };
  return (
    <Select
      label="Numbers of"
      placeholder="A board or a saved insight"
      searchable
      nothingFoundMessage="There is none of this name."
      value={draft.board ?? draft.saved ?? null}
      data={[
        { group: "Boards", items: choices(boards) },
        { group: "Saved insights", items: choices(saved) },
      ]}
      onChange={choose}
    />
  );
}

function When({ draft, add }: PartProps) {
  const { project } = useSession();
  return (
    <Group align="end" gap="sm">
      <Choice label="How often" value={draft.every ?? "weekly"} options={EVERY} onChange={(every) => add({ every })} />
      {draft.every === "weekly" && (
        <Choice
          label="On"
          value={draft.weekday ?? "monday"}
          options={WEEKDAYS}
          onChange={(weekday) => add({ weekday })}
        />
      )}
      {draft.every === "monthly" && (
        <NumberField
          label="On day"
          w={90}
          min={1}
          max={28}
          value={draft.day ?? 1}
          onChange={(day) => add({ day: Math.min(28, Math.max(1, Math.round(Number(day) || 1))) })}
        />
      )}
      <TextInput
        label={`At (${project.timezone})`}
        type="time"
        value={draft.at ?? "08:00"}
        onChange={(typed) => typed.currentTarget.value && add({ at: typed.currentTarget.value.slice(0, 5) })}
      />
    </Group>
  );
}

const NOWHERE: Report["channels"] = [{ type: "email", target: "nobody@example.org" }];

/** What would be sent now. Where it goes makes no difference. */
function Preview({ draft }: { draft: Report }) {
  const of = draft.board ? { board: draft.board } : { saved: draft.saved ?? null };
  const asked =
    draft.board || draft.saved ? { name: draft.name || "Report", every: draft.every ?? "weekly", ...of } : null;
  const { data, error, isFetching } = usePreview(asked && { ...asked, channels: NOWHERE });
  if (!asked) return null;
  return (
    <section aria-label="What it would say" aria-busy={isFetching}>
      <Fieldset legend={data ? data.subject : "What it would say"}>
        {error && <Failure error={error} />}
        {!data && !error && <Waiting height={80} label="Asking for the numbers" />}
        {data?.sections.length === 0 && <Nothing title="The board is empty" />}
        <Stack gap="sm" opacity={isFetching ? 0.6 : 1}>
          {data?.sections.map((section, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a section is its place
            <div key={place}>
              <Text size="sm" fw={600} style={WRAPPED}>
                {section.title}
              </Text>
              {section.problem && (
                <Text size="sm" c="dimmed">
                  No numbers: {section.problem}
                </Text>
              )}
              {section.figures.map((figure, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
                <Group key={at} gap="sm" justify="space-between" wrap="nowrap" className="numbers">
                  <Text size="sm" style={WRAPPED}>
                    {figure.name}
                  </Text>
                  <Text size="sm" ta="right">
                    <b>{figure.shown}</b> {figure.moved}
                  </Text>
                </Group>
              ))}
            </div>
          ))}
        </Stack>
      </Fieldset>
    </section>
  );
}

function History({ report }: { report: string }) {
  const { project } = useSession();
  const { data, error, refetch } = useSent(report);
  if (error) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting height={60} label="Loading what was sent" />;
  if (data.length === 0) return <Nothing title="Nothing was sent yet" />;
  return (
    <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: "none" }} aria-label="What was sent">
      {data.map((one) => (
        <li key={one.id}>
          <Text size="sm" style={WRAPPED}>
            {one.about}
            <Text span size="xs" c="dimmed" ml={8}>
              {momentIn(project.timezone, one.sent_at)}
            </Text>
          </Text>
          {one.deliveries.map((delivery) => (
            <Sent key={delivery.id} delivery={delivery} />
          ))}
        </li>
      ))}
    </Stack>
  );
}

const WRAPPED = { overflowWrap: "anywhere" } as const;
