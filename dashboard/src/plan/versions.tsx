/** Versions of the plan: who put which in place when, each as a bundle; and a form that puts in place another one. */

import { Alert, Autocomplete, Badge, Button, Code, FileInput, Stack, Table, Text, Textarea } from "@mantine/core";
import { Download, Upload } from "lucide-react";
import { useState } from "react";
import { saveFile } from "../api/file";
import { type PlanFile, type Pushed, readPlan, usePlan, usePush, useVersions, type Version } from "../api/plan";
import { useActors } from "../api/settings";
import { FormDialog } from "../parts/ask";
import { Panel } from "../parts/insight-card";
import { Failure, Waiting } from "../parts/states";
import { useSession } from "../session";
import { counted, momentIn } from "../state/words";
import { NoPlan } from "./no-plan";

export function VersionsTab() {
  const { may } = useSession();
  const { data, error, refetch } = useVersions();
  const [pushes, setPushes] = useState(false);
  const [pushed, setPushed] = useState<Pushed | null>(null);
  return (
    <Stack gap="md">
      {pushed && <Told pushed={pushed} close={() => setPushed(null)} />}
      {data?.length === 0 && <NoPlan />}
      <Panel
        title="Versions"
        actions={
          may("admin") && (
            <Button leftSection={<Upload size={14} />} onClick={() => setPushes(true)}>
              Push a plan
            </Button>
          )
        }
      >
        {error && <Failure error={error} again={() => refetch()} />}
        {!data && !error && <Waiting height={160} label="Loading the versions" />}
        {data?.length === 0 && (
          <Text size="sm" c="dimmed">
            Each plan that is pushed stays here for good: an event may name one that is long over.
          </Text>
        )}
        {data && data.length > 0 && <VersionTable versions={data} />}
      </Panel>
      {pushes && <PushForm newest={data?.[0]?.number} pushed={setPushed} close={() => setPushes(false)} />}
    </Stack>
  );
}

function VersionTable({ versions }: { versions: readonly Version[] }) {
  const { api, project } = useSession();
  const nameOf = useActors();
  return (
    <Table fz="sm" verticalSpacing={6} className="numbers" aria-label="Versions of the plan">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Version</Table.Th>
          <Table.Th visibleFrom="sm">Content</Table.Th>
          <Table.Th visibleFrom="sm">Environment</Table.Th>
          <Table.Th visibleFrom="sm">Pushed by</Table.Th>
          <Table.Th>When</Table.Th>
          <Table.Th aria-label="What can be done" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {versions.map((one, place) => (
          <Table.Tr key={one.number}>
            <Table.Td>
              {one.number}
              {place === 0 && (
                <Badge ml={8} miw="max-content" variant="light" color="teal" tt="none">
                  counts
                </Badge>
              )}
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Code>{one.sha}</Code>
            </Table.Td>
            <Table.Td visibleFrom="sm">{one.environment ?? "–"}</Table.Td>
            <Table.Td visibleFrom="sm" title={one.owner} style={WRAPPED}>
              {nameOf(one.owner)}
            </Table.Td>
            <Table.Td>{momentIn(project.timezone, one.created_at)}</Table.Td>
            <Table.Td ta="right">
              <Button
                variant="default"
                leftSection={<Download size={14} />}
                aria-label={`Bundle of version ${one.number}`}
                onClick={() =>
                  saveFile(
                    readPlan(api, one.number).then(
                      ({ bundle }) => new Blob([JSON.stringify(bundle)], { type: "application/json" }),
                    ),
                    `plan-${one.sha}.json`,
                  )
                }
              >
                Bundle
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** What became of a push, and what lint warns of in it. */
function Told({ pushed, close }: { pushed: Pushed; close: () => void }) {
  const { warnings } = pushed;
  return (
    <Alert
      color={warnings.length > 0 ? "orange" : "teal"}
      role="status"
      title={`Version ${pushed.number} counts from now on`}
      withCloseButton
      closeButtonLabel="Close"
      onClose={close}
    >
      {warnings.length === 0 ? (
        "Nothing is to be warned of."
      ) : (
        <>
          <Text size="sm" mb={4}>
            {counted(warnings.length, "warning")}:
          </Text>
          <Stack gap={2} component="ul" m={0} pl="md" mah={240} style={{ overflow: "auto" }} tabIndex={0}>
            {warnings.map(({ file, line = 1, path, rule, message }) => (
              <li key={`${file}:${line} ${path} ${rule}`}>
                <Text size="sm" style={WRAPPED}>
                  <Code>
                    {file}:{line}
                  </Code>{" "}
                  {message} ({rule})
                </Text>
              </li>
            ))}
          </Stack>
        </>
      )}
    </Alert>
  );
}

interface PushFormProps {
  newest: number | undefined;
  pushed: (told: Pushed) => void;
  close: () => void;
}

const PASTED = "plan.yaml";

function PushForm({ newest, pushed, close }: PushFormProps) {
  const push = usePush();
  const { data: plan } = usePlan(newest);
  const [text, setText] = useState("");
  const [files, setFiles] = useState<File[]>([]);
  const [chosen, setChosen] = useState<string | null>(null);
  const environment = chosen ?? plan?.environment ?? "";
  const read = (): Promise<PlanFile[]> =>
    Promise.all(
      files.length > 0
        ? files.map(async (file) => ({ name: file.name, text: await file.text() }))
        : [{ name: PASTED, text }],
    );
  return (
    <FormDialog
      title="Push a plan"
      size="lg"
      deed="Push"
      close={close}
      unready={files.length === 0 && text.trim() === ""}
      act={async () => {
        pushed(await push.mutateAsync({ files: await read(), environment }));
        close();
      }}
    >
      <Text size="sm">
        It counts from the next event on, and the whole of it: what is in none of these files is not planned any more.
      </Text>
      <FileInput
        label="Files"
        description="All of the plan, one file an area; or a bundle"
        placeholder="Choose YAML files"
        accept=".yaml,.yml,.json"
        multiple
        clearable
        clearButtonProps={{ "aria-label": "No files" }}
        value={files}
        onChange={setFiles}
        fileInputProps={{ "aria-label": "Files" }}
      />
      <Textarea
        label="Or its text"
        disabled={files.length > 0}
        rows={12}
        value={text}
        onChange={(typed) => setText(typed.currentTarget.value)}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      />
      <Autocomplete
        label="Environment"
        description="Which of the plan’s environments this project is; none for what counts by default"
        value={environment}
        onChange={setChosen}
        data={Object.keys(plan?.bundle.environments ?? {})}
      />
    </FormDialog>
  );
}

const WRAPPED = { overflowWrap: "anywhere" } as const;
