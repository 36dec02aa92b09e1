/** The rules of a project and how they stand: those that fire first. */

import { ActionIcon, Badge, Button, Menu, ScrollArea, Switch, Table, Text, UnstyledButton } from "@mantine/core";
import { BellOff, Ellipsis, Plus } from "lucide-react";
import { useState } from "react";
import { type Rule, type ShownRule, useAlerting, useRules } from "../api/alerts";
import { refused, said } from "../api/change";
import { Ask } from "../parts/ask";
import { Panel } from "../parts/insight-card";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { useChange } from "../state/use-view";
import { count, momentIn, valueName } from "../state/words";
import { StateBadge } from "./state-badge";
import { byUrgency, channelWords, isSnoozed, NEW, nameOf, ruleWords, spanWords, subjectOf, TYPES } from "./words";

export function RulesTab() {
  const { may } = useSession();
  const { data, error, isPending, refetch } = useRules();
  const change = useChange();
  return (
    <Panel
      title="Rules"
      actions={
        may("edit") && (
          <Button leftSection={<Plus size={14} />} onClick={() => change({ opened: NEW, q: undefined })}>
            New rule
          </Button>
        )
      }
    >
      {error && <Failure error={error} again={() => refetch()} />}
      {isPending && <Waiting height={160} label="Loading the rules" />}
      {data?.length === 0 && (
        <Nothing title="There are no rules yet">
          A rule says when somebody is to be told: when purchases drop, when errors pile up, when a number is unusual.
        </Nothing>
      )}
      {data && data.length > 0 && <RuleTable rules={byUrgency(data)} />}
    </Panel>
  );
}

function RuleTable({ rules }: { rules: readonly ShownRule[] }) {
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": "Rules" }}>
      <Table fz="sm" verticalSpacing={6} className="numbers" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>On</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Name</Table.Th>
            <Table.Th aria-label="What can be done" />
            <Table.Th>Type</Table.Th>
            <Table.Th>Event</Table.Th>
            <Table.Th ta="right">Threshold</Table.Th>
            <Table.Th ta="right">Now</Table.Th>
            <Table.Th>Window</Table.Th>
            <Table.Th>Cooldown</Table.Th>
            <Table.Th>Channels</Table.Th>
            <Table.Th>Owner</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rules.map((rule) => (
            <RuleRow key={rule.id} rule={rule} />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

function RuleRow({ rule }: { rule: ShownRule }) {
  const { may, project } = useSession();
  const change = useChange();
  const { put } = useAlerting();
  const name = nameOf(rule);
  const set = (enabled: boolean) =>
    put
      .mutateAsync({ known: true, rule: { ...asRule(rule), enabled } })
      .then(() => said(enabled ? `“${name}” is on.` : `“${name}” is off.`), refused);
  return (
    <>
      <Table.Tr>
        <Table.Td>
          <Switch
            aria-label={`“${name}” is on`}
            checked={rule.enabled !== false}
            disabled={!may("edit") || put.isPending}
            onChange={(toggled) => set(toggled.currentTarget.checked)}
          />
        </Table.Td>
        <Table.Td>
          <StateBadge rule={rule} />
        </Table.Td>
        <Table.Td miw={180}>
          <UnstyledButton fz="sm" fw={600} style={WRAPPED} onClick={() => change({ opened: rule.id })}>
            {name}
          </UnstyledButton>
          <Text size="xs" c="dimmed" style={WRAPPED}>
            {ruleWords(rule)}
          </Text>
          {isSnoozed(rule, Date.now()) && (
            <Text size="xs" c="dimmed">
              Nobody is told until {momentIn(project.timezone, new Date(rule.snoozedUntil ?? 0).toISOString())}.
            </Text>
          )}
        </Table.Td>
        <Table.Td>{may("edit") && <RuleMenu rule={rule} />}</Table.Td>
        <Table.Td>
          {TYPES[rule.type].title}
          {rule.severity === "critical" && (
            <Badge ml={6} variant="light" color="red" tt="none" miw="max-content">
              critical
            </Badge>
          )}
        </Table.Td>
        <Table.Td miw={140} style={WRAPPED}>
          {subjectOf(rule)}
        </Table.Td>
        <Table.Td ta="right">{numberWords(rule.threshold ?? rule.percent)}</Table.Td>
        <Table.Td ta="right">{numberWords(rule.value)}</Table.Td>
        <Table.Td miw={90}>{spanWords(rule.windowMinutes ?? 60)}</Table.Td>
        <Table.Td miw={90}>{rule.cooldownMinutes === 0 ? "–" : spanWords(rule.cooldownMinutes ?? 60)}</Table.Td>
        <Table.Td>{channelWords(rule)}</Table.Td>
        <Table.Td miw={90} style={WRAPPED}>
          {rule.owner ?? "–"}
        </Table.Td>
      </Table.Tr>
      {rule.groups
        .filter(({ state }) => state !== "ok")
        .map((group) => (
          <Table.Tr key={group.group}>
            <Table.Td />
            <Table.Td>
              <StateBadge rule={{ ...rule, state: group.state }} />
            </Table.Td>
            <Table.Td colSpan={5} pl="xl" style={WRAPPED}>
              {valueName(group.group)}
            </Table.Td>
            <Table.Td ta="right">{numberWords(group.value)}</Table.Td>
            <Table.Td colSpan={4} />
          </Table.Tr>
        ))}
    </>
  );
}

const SNOOZES = [
  ["1 hour", 60],
  ["4 hours", 4 * 60],
  ["1 day", 24 * 60],
  ["1 week", 7 * 24 * 60],
] as const;

function RuleMenu({ rule }: { rule: ShownRule }) {
  const change = useChange();
  const { remove, snooze, test } = useAlerting();
  const [asks, setAsks] = useState(false);
  const name = nameOf(rule);
  const snoozing = (minutes: number, words: string) =>
    snooze.mutateAsync({ rule: rule.id ?? "", minutes }).then(() => said(words), refused);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`What can be done with “${name}”`}>
            <Ellipsis size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => change({ opened: rule.id })}>Edit</Menu.Item>
          <Menu.Item onClick={() => change({ opened: NEW, q: copyOf(rule) })}>Duplicate</Menu.Item>
          <Menu.Item
            disabled={!rule.channels?.length}
            onClick={() =>
              test
                .mutateAsync(rule.id ?? "")
                .then(
                  (sent) => said(sent.deliveries.map(({ type, status }) => `${type}: ${status}`).join(", ")),
                  refused,
                )
            }
          >
            Send a test notice
          </Menu.Item>
          <Menu.Divider />
          {SNOOZES.map(([words, minutes]) => (
            <Menu.Item
              key={words}
              leftSection={<BellOff size={14} />}
              onClick={() => snoozing(minutes, `Nobody is told of “${name}” for ${words}.`)}
            >
              Snooze for {words}
            </Menu.Item>
          ))}
          {isSnoozed(rule, Date.now()) && (
            <Menu.Item onClick={() => snoozing(0, `“${name}” is told again.`)}>End the snooze</Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item color="red" onClick={() => setAsks(true)}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asks && (
        <Ask
          title={`Delete “${name}”?`}
          deed="Delete"
          close={() => setAsks(false)}
          act={async () => {
            await remove.mutateAsync(rule.id ?? "");
            said(`“${name}” is gone.`);
          }}
        >
          It is judged no more. What it told stays in the history.
        </Ask>
      )}
    </>
  );
}

const STANDING = ["state", "value", "reason", "evaluatedUntil", "groups", "version"] as const;

/** A rule without how it stands. */
export function asRule(rule: ShownRule): Rule {
  const plain: Record<string, unknown> = { ...rule };
  for (const name of STANDING) delete plain[name];
  return plain as unknown as Rule;
}

/** Without its channels: what is secret of them is the other's. */
function copyOf(rule: ShownRule): Record<string, unknown> {
  const { id: _id, channels: _channels, snoozedUntil: _snoozed, ...rest } = asRule(rule);
  return { ...rest, name: `${nameOf(rule)} (copy)` };
}

function numberWords(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : count(value);
}

const WRAPPED = { overflowWrap: "anywhere" } as const;
