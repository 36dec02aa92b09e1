/** The project: its name, zone, week and origins; another one made; this one put away. */

import { Button, Group, Select, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { refused, said } from "../api/change";
import { type NewProject, useArchived, useProject, useProjecting } from "../api/settings";
import type { Project } from "../api/types";
import { Ask, FormDialog } from "../parts/ask";
import { Panel } from "../parts/insight-card";
import { Failure, Waiting } from "../parts/states";
import { useSession } from "../session";
import { useChange } from "../state/use-view";
import { momentIn } from "../state/words";

type Fields = Required<NewProject>;

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

/** Zones that the browser knows, with one that it does not. */
function zonesWith(zone: string): string[] {
  const known = Intl.supportedValuesOf("timeZone");
  return [...new Set(["UTC", zone, ...known])].filter(Boolean);
}

export default function ProjectTab() {
  const { may } = useSession();
  const { data, error, refetch } = useProject();
  if (error) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting />;
  return (
    <Stack gap="md" maw={720}>
      <Panel title="Project">
        <ProjectForm key={data.id} project={data} />
      </Panel>
      {may("own") && <Owners project={data} />}
    </Stack>
  );
}

function fieldsOf({ name, timezone, week_start, origins }: Project): Fields {
  return { name, timezone, week_start, origins };
}

function ProjectForm({ project }: { project: Project }) {
  const { may } = useSession();
  const { change } = useProjecting();
  const [fields, setFields] = useState<Fields>(() => fieldsOf(project));
  const mayChange = may("admin");
  const changed = JSON.stringify(fields) !== JSON.stringify(fieldsOf(project));
  return (
    <form
      onSubmit={(submitted) => {
        submitted.preventDefault();
        if (changed) change.mutate(fields, { onSuccess: () => said("The project is changed.") });
      }}
    >
      <Stack gap="sm">
        <ProjectFields fields={fields} setFields={setFields} disabled={!mayChange} />
        <Text size="xs" c="dimmed" className="numbers">
          Number {project.id}, since {momentIn(project.timezone, project.created_at)}
        </Text>
        {change.error && <Failure error={change.error} />}
        {mayChange && (
          <Group gap="xs">
            <Button type="submit" disabled={!changed} loading={change.isPending}>
              Save
            </Button>
            {changed && (
              <Button variant="default" onClick={() => setFields(fieldsOf(project))}>
                Discard
              </Button>
            )}
          </Group>
        )}
      </Stack>
    </form>
  );
}

interface ProjectFieldsProps {
  fields: Fields;
  setFields: (fields: Fields) => void;
  disabled?: boolean;
}

function ProjectFields({ fields, setFields, disabled = false }: ProjectFieldsProps) {
  return (
    <>
      <TextInput
        label="Name"
        disabled={disabled}
        maxLength={200}
        value={fields.name}
        onChange={(typed) => setFields({ ...fields, name: typed.currentTarget.value })}
      />
      <Group grow align="start">
        <Select
          label="Time zone"
          description="In which days begin and end"
          disabled={disabled}
          searchable
          allowDeselect={false}
          limit={100}
          data={zonesWith(fields.timezone)}
          value={fields.timezone}
          onChange={(timezone) => timezone && setFields({ ...fields, timezone })}
        />
        <Select
          label="Weeks begin on"
          description="In charts and calendars"
          disabled={disabled}
          allowDeselect={false}
          data={DAYS.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))}
          value={fields.week_start}
          onChange={(day) => day && setFields({ ...fields, week_start: day as Fields["week_start"] })}
        />
      </Group>
      <OriginsInput
        value={fields.origins}
        onChange={(origins) => setFields({ ...fields, origins })}
        disabled={disabled}
        description="Pages that its public keys work from; any when there is none here"
      />
    </>
  );
}

interface OriginsInputProps {
  value: string[];
  onChange: (origins: string[]) => void;
  description: string;
  disabled?: boolean;
}

export function OriginsInput({ value, onChange, description, disabled = false }: OriginsInputProps) {
  return (
    <TagsInput
      label="Origins"
      description={description}
      disabled={disabled}
      placeholder={value.length === 0 ? "https://shop.example" : ""}
      acceptValueOnBlur
      value={value}
      onChange={onChange}
      splitChars={[",", " "]}
    />
  );
}

function Owners({ project }: { project: Project }) {
  const { archive, restore } = useProjecting();
  const archived = useArchived();
  const [open, setOpen] = useState<"new" | "archive" | null>(null);
  return (
    <>
      <Panel title="Projects">
        <Group gap="xs">
          <Button variant="default" onClick={() => setOpen("new")}>
            New project
          </Button>
          <Button variant="default" c="var(--mantine-color-error)" onClick={() => setOpen("archive")}>
            Archive “{project.name}”
          </Button>
        </Group>
        {archived.map((one) => (
          <Group key={one.id} gap="xs" mt="sm">
            <Text size="sm">{one.name} is archived.</Text>
            <Button
              variant="subtle"
              loading={restore.isPending}
              onClick={() => restore.mutate(one.id, { onError: refused })}
            >
              Bring it back
            </Button>
          </Group>
        ))}
      </Panel>
      {open === "new" && <MakeProject close={() => setOpen(null)} />}
      {open === "archive" && (
        <Ask
          title={`Archive “${project.name}”?`}
          deed="Archive"
          close={() => setOpen(null)}
          act={async () => {
            await archive.mutateAsync(undefined);
            location.assign("/");
          }}
        >
          Its keys open nothing from the next request on, so no event is taken any more, and nobody sees it here. Its
          events stay. Whoever runs the server can bring it back, with{" "}
          <code>POST /api/projects/{project.id}/restore</code> and the administrator’s key.
        </Ask>
      )}
    </>
  );
}

function MakeProject({ close }: { close: () => void }) {
  const { create } = useProjecting();
  const change = useChange();
  const [fields, setFields] = useState<Fields>({
    name: "",
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
    week_start: "monday",
    origins: [],
  });
  return (
    <FormDialog
      title="New project"
      deed="Make it"
      close={close}
      unready={fields.name.trim() === ""}
      act={async () => {
        const made = await create.mutateAsync({ ...fields, name: fields.name.trim() });
        change({ project: made.id, filters: undefined });
        close();
      }}
    >
      <ProjectFields fields={fields} setFields={setFields} />
      <Text size="xs" c="dimmed">
        Events come in with a write key of it, which you make under “Keys”.
      </Text>
    </FormDialog>
  );
}
