/** Who counts as whom: the merges in force, and users that an alias says to be the same. */

import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { mergesOptions, proposalsOptions, type Step } from "../api/people";
import { Panel } from "../parts/insight-card";
import { useSession } from "../session";
import { counted, momentIn } from "../state/words";
import { MergeDialog } from "./merge-dialog";

/** Of the whole project; nothing where nobody was merged and nothing proposes it, unless one may merge. */
export function Merges() {
  const { api, may } = useSession();
  const merges = useQuery(mergesOptions(api)).data ?? [];
  const proposals = useQuery(proposalsOptions(api)).data ?? [];
  const [step, setStep] = useState<Step | null>(null);
  if (merges.length === 0 && proposals.length === 0 && !may("admin")) return null;
  return (
    <Stack gap="md" mt="md">
      {proposals.length > 0 && (
        <Panel title="Said to be the same">
          <Text size="xs" c="dimmed" mb="xs">
            An alias says so; nobody is merged by one.
          </Text>
          <Stack gap={4} component="ul" m={0} p={0} style={{ listStyle: "none" }}>
            {proposals.map((one) => (
              <Line
                key={`${one.user_id} ${one.into}`}
                text={`“${one.user_id}” is “${one.into}”`}
                note={counted(one.events, "alias", "aliases")}
                at={one.last_seen}
                does="Look at it"
                onDo={() => setStep({ does: "merge", user_id: one.user_id, into: one.into })}
              />
            ))}
          </Stack>
        </Panel>
      )}
      <Panel
        title="Merged users"
        actions={
          may("admin") && (
            <Button variant="default" onClick={() => setStep({ does: "merge", user_id: "", into: "" })}>
              Merge two users
            </Button>
          )
        }
      >
        {merges.length === 0 && (
          <Text size="sm" c="dimmed">
            None. Two users who turn out to be one person can be made one, and two again.
          </Text>
        )}
        <Stack gap={4} component="ul" m={0} p={0} style={{ listStyle: "none" }}>
          {merges.map((one) => (
            <Line
              key={one.id}
              text={`“${one.user_id}” counts as “${one.counts_as}”`}
              note={one.counts_as === one.into ? "" : `merged into “${one.into}”`}
              at={one.since}
              does="Undo"
              onDo={() => setStep({ does: "unmerge", user_id: one.user_id })}
            />
          ))}
        </Stack>
      </Panel>
      {step && <MergeDialog start={step} close={() => setStep(null)} />}
    </Stack>
  );
}

interface LineProps {
  text: string;
  note: string;
  at: string;
  does: string;
  onDo: () => void;
}

function Line({ text, note, at, does, onDo }: LineProps) {
  const { project, may } = useSession();
  return (
    <Group component="li" gap="xs" justify="space-between">
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {text}
        <Text span size="xs" c="dimmed" ml={8} className="numbers">
          {[note, momentIn(project.timezone, at)].filter(Boolean).join(" · ")}
        </Text>
      </Text>
      {may("admin") && (
        <Button variant="default" onClick={onDo} aria-label={`${does}: ${text}`}>
          {does}
        </Button>
      )}
    </Group>
  );
}
