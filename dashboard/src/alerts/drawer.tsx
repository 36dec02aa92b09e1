/** A rule in a drawer: the form, what it would have said, and what happened. The address says which is open. */

import { Alert, Button, Divider, Group, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Rule, type ShownRule, useAlerting, useRules } from "../api/alerts";
import { said } from "../api/change";
import { Opened } from "../parts/opened";
import { Failure, Waiting } from "../parts/states";
import { useSession } from "../session";
import { useChange, usePageView } from "../state/use-view";
import { Conditions, Telling } from "./form";
import { History } from "./history";
import { Preview } from "./preview";
import { asRule } from "./rules";
import { StateBadge } from "./state-badge";
import { cleaned, draftOf, isWhole, NEW, nameOf, ruleWords } from "./words";

export function OpenedRule() {
  return (
    <Opened title={(id) => (id === NEW ? "New rule" : "Rule")} close="Close the rule">
      {(id) => <One key={id} id={id} />}
    </Opened>
  );
}

function One({ id }: { id: string }) {
  const { q } = usePageView();
  const { data, error, refetch } = useRules();
  if (id === NEW) return <Editor rule={draftOf(q)} standing={null} />;
  if (error) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting label="Loading the rule" />;
  const found = data.find((rule) => rule.id === id);
  if (!found) {
    return (
      <Alert color="orange" role="alert">
        There is no such rule.
      </Alert>
    );
  }
  return (
    <Stack gap="md">
      <Standing rule={found} />
      {/* A change by somebody else begins the form anew. */}
      <Editor key={found.version} rule={asRule(found)} standing={found} />
      <Divider label="History" labelPosition="left" />
      <History rule={id} />
    </Stack>
  );
}

function Standing({ rule }: { rule: ShownRule }) {
  return (
    <Group gap={8} align="baseline">
      <StateBadge rule={rule} />
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {ruleWords(rule)}
        {rule.reason && `: ${rule.reason}`}
      </Text>
    </Group>
  );
}

function Editor({ rule, standing }: { rule: Rule; standing: ShownRule | null }) {
  const { may } = useSession();
  const change = useChange();
  const { put } = useAlerting();
  const [draft, setDraft] = useState(rule);
  const [error, setError] = useState<unknown>(null);
  const wanted = cleaned(draft);
  const save = async (submitted: FormEvent) => {
    submitted.preventDefault();
    setError(null);
    try {
      const made = await put.mutateAsync({ known: standing !== null, rule: wanted });
      said(standing ? `“${nameOf(made)}” is changed.` : `“${nameOf(made)}” is judged from now on.`);
      change({ opened: undefined, q: undefined });
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <form onSubmit={save} aria-label={standing ? "Change the rule" : "New rule"}>
      <Stack gap="md">
        <Conditions draft={draft} change={setDraft} />
        {may("read") && (
          <section aria-label="What it would have said">
            <Preview draft={draft} change={setDraft} />
          </section>
        )}
        <Telling draft={draft} change={setDraft} known={standing !== null} />
        {error !== null && <Failure error={error} />}
        {may("edit") ? (
          <Group justify="flex-end">
            <Button variant="default" onClick={() => change({ opened: undefined, q: undefined })}>
              Cancel
            </Button>
            <Button type="submit" loading={put.isPending} disabled={!isWhole(wanted)}>
              {standing ? "Save" : "Make the rule"}
            </Button>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            Who may edit boards may change rules.
          </Text>
        )}
      </Stack>
    </form>
  );
}
