/** A project without a plan: what one is for, and how it gets one. */

import { Button, Code, Group, Text } from "@mantine/core";
import { useState } from "react";
import { Copied } from "../parts/explain";
import { Panel } from "../parts/insight-card";
import { useSession } from "../session";
import { DraftDialog } from "./draft";

export function NoPlan() {
  const { may, project } = useSession();
  const [drafts, setDrafts] = useState(false);
  return (
    <Panel title="There is no plan yet">
      <Text size="sm" mb="xs" maw={720}>
        A plan says which events there are, what they carry, when they are sent and who answers for them. It is YAML,
        lives in git beside your code, and whatever comes is held against it: what breaks it is stored with a remark, or
        waits apart until somebody has mended it. To begin with, it holds nothing back.
      </Text>
      <Copied name="this" text={commands(globalThis.location.origin, project.id)} />
      <Text size="xs" c="dimmed" mb="xs">
        <Code>init</Code> writes a plan to begin with, <Code>pull</Code> a draft of what came. Say who answers for each
        event, and <Code>lint</Code> tells what is wrong before you push.
      </Text>
      {may("read") && (
        <Group>
          <Button variant="default" onClick={() => setDrafts(true)}>
            Show a draft of what came
          </Button>
        </Group>
      )}
      {drafts && <DraftDialog close={() => setDrafts(false)} />}
    </Panel>
  );
}

/** The first project needs no number. */
export function commands(server: string, project: number): string {
  const which = project === 1 ? "" : ` --project ${project}`;
  return [
    `export FOOTFALL_URL=${server}`,
    "export FOOTFALL_ADMIN_KEY=…",
    "footfall plan init",
    `footfall plan pull${which} --output plan/draft.yaml`,
    "footfall plan lint",
    `footfall plan push${which}`,
  ].join("\n");
}
