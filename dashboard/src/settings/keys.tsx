/** Keys: what each may do, when it was used last; made, turned over and taken back. A value is shown once. */

import {
  ActionIcon,
  Badge,
  Button,
  Code,
  Group,
  Menu,
  SegmentedControl,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
} from "@mantine/core";
import { Ellipsis, KeyRound, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { said } from "../api/change";
import { type Key, type NewKey, useKeying, useKeysOfProject } from "../api/settings";
import { Ask, FormDialog, Once } from "../parts/ask";
import { Panel } from "../parts/insight-card";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { momentIn } from "../state/words";
import { OriginsInput } from "./project";

/** By scope: what whoever has such a key may do. */
const SCOPES: Record<Key["scope"], string> = {
  write: "sends events; public, may stand in a page",
  stats: "asks for totals; public, may stand in a page",
  read: "asks for everything, single events and people too",
  admin: "does everything in the project",
};

interface Made {
  name: string;
  value: string;
}

type Open = { what: "new" } | { what: "rotate" | "revoke"; key: Key } | null;

export default function KeysTab() {
  const { data, error, refetch } = useKeysOfProject();
  const { revoke } = useKeying();
  const [open, setOpen] = useState<Open>(null);
  const [made, setMade] = useState<Made | null>(null);
  const close = () => setOpen(null);
  return (
    <Stack gap="md">
      {made && <Once name={made.name} value={made.value} />}
      <Panel
        title="Keys"
        actions={
          <Button leftSection={<KeyRound size={14} />} onClick={() => setOpen({ what: "new" })}>
            New key
          </Button>
        }
      >
        {error && <Failure error={error} again={() => refetch()} />}
        {!data && !error && <Waiting height={160} />}
        {data?.length === 0 && (
          <Nothing title="No key yet">
            Pages and applications send events with a write key; programs that ask have a key of their own each, so that
            it can be taken back alone.
          </Nothing>
        )}
        {data && data.length > 0 && (
          <KeyTable
            keys={data}
            rotate={(key) => setOpen({ what: "rotate", key })}
            revoke={(key) => setOpen({ what: "revoke", key })}
          />
        )}
      </Panel>
      {open?.what === "new" && <MakeKey made={setMade} close={close} />}
      {open?.what === "rotate" && <Rotate of={open.key} made={setMade} close={close} />}
      {open?.what === "revoke" && (
        <Ask
          title={`Revoke ${nameOf(open.key)}?`}
          deed="Revoke"
          close={close}
          act={async () => {
            await revoke.mutateAsync(open.key.id);
            setMade(null);
            said("The key opens nothing any more.");
          }}
        >
          From the next request on, nobody gets in with it. What still uses it gets 401.
        </Ask>
      )}
    </Stack>
  );
}

function nameOf(key: Key): string {
  return key.name ? `“${key.name}”` : `the ${key.scope} key ${key.hint}…`;
}

interface KeyTableProps {
  keys: readonly Key[];
  rotate: (key: Key) => void;
  revoke: (key: Key) => void;
}

function KeyTable({ keys, rotate, revoke }: KeyTableProps) {
  const { project } = useSession();
  const when = (moment: string | null, none: string) => (moment === null ? none : momentIn(project.timezone, moment));
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table fz="sm" verticalSpacing={6} className="numbers">
        <Table.Thead>
          <Table.Tr>
            {["Name", "Scope", "Begins with", "Works from", "Last used", "Ends", ""].map((title) => (
              <Table.Th key={title} aria-label={title || "What can be done"}>
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key) => (
            <Table.Tr key={key.id}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{key.name || "–"}</Table.Td>
              <Table.Td>
                <Badge
                  variant="light"
                  color={key.scope === "admin" ? "orange" : "gray"}
                  tt="none"
                  title={SCOPES[key.scope]}
                >
                  {key.scope}
                </Badge>
              </Table.Td>
              <Table.Td>
                <Code>{key.hint}</Code>
              </Table.Td>
              <Table.Td maw={220} style={{ overflowWrap: "anywhere" }}>
                {key.origins.length > 0 ? key.origins.join(", ") : "the project’s origins"}
                {key.rate_limit && (
                  <Text size="xs" c="dimmed">
                    at most {key.rate_limit}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{when(key.last_used_at, "never")}</Table.Td>
              <Table.Td>{when(key.expires_at, "–")}</Table.Td>
              <Table.Td ta="right">
                <Menu position="bottom-end" shadow="md">
                  <Menu.Target>
                    <ActionIcon size={28} aria-label={`What can be done with ${nameOf(key)}`}>
                      <Ellipsis size={16} />
                    </ActionIcon>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item leftSection={<RefreshCw size={14} />} onClick={() => rotate(key)}>
                      Turn over
                    </Menu.Item>
                    <Menu.Item leftSection={<Trash2 size={14} />} onClick={() => revoke(key)}>
                      Revoke
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface MakeKeyProps {
  made: (made: Made) => void;
  close: () => void;
}

function MakeKey({ made, close }: MakeKeyProps) {
  const { create } = useKeying();
  const [scope, setScope] = useState<Key["scope"]>("write");
  const [name, setName] = useState("");
  const [origins, setOrigins] = useState<string[]>([]);
  const [rate, setRate] = useState("");
  const [ends, setEnds] = useState("");
  const [value, setValue] = useState("");
  const body: NewKey = {
    scope,
    name: name.trim(),
    origins,
    ...(rate.trim() !== "" && { rate_limit: rate.trim() }),
    ...(ends !== "" && { expires_at: `${ends}T00:00:00Z` }),
    ...(scope === "write" && value !== "" && { value }),
  };
  return (
    <FormDialog
      title="New key"
      deed="Make it"
      close={close}
      act={async () => {
        const answer = await create.mutateAsync(body);
        made({ name: `The ${scope} key${name.trim() && ` “${name.trim()}”`}`, value: answer.value });
        close();
      }}
    >
      <div>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label="Scope"
          value={scope}
          onChange={(chosen) => setScope(chosen as Key["scope"])}
          data={Object.keys(SCOPES)}
        />
        <Text size="xs" c="dimmed" mt={4} aria-live="polite">
          It {SCOPES[scope]}.
        </Text>
      </div>
      <TextInput
        label="Name"
        description="Where it is used"
        data-autofocus
        maxLength={200}
        value={name}
        onChange={(typed) => setName(typed.currentTarget.value)}
      />
      {(scope === "write" || scope === "stats") && (
        <OriginsInput
          value={origins}
          onChange={setOrigins}
          description="Pages that it works from; those of the project when there is none here, * for any"
        />
      )}
      <Group grow align="start">
        <TextInput
          label="At most"
          placeholder="100/second"
          value={rate}
          onChange={(typed) => setRate(typed.currentTarget.value)}
        />
        <TextInput
          type="date"
          label="Ends on (UTC)"
          value={ends}
          onChange={(typed) => setEnds(typed.currentTarget.value)}
        />
      </Group>
      {scope === "write" && (
        <TextInput
          label="Value"
          description="Only for one that another product’s clients have already; made up when empty"
          autoComplete="off"
          maxLength={200}
          value={value}
          onChange={(typed) => setValue(typed.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}

const GRACES = [
  { value: "", label: "not at all" },
  { value: "PT1H", label: "for an hour" },
  { value: "P1D", label: "for a day" },
  { value: "P7D", label: "for a week" },
];

function Rotate({ of, made, close }: MakeKeyProps & { of: Key }) {
  const { rotate } = useKeying();
  const [grace, setGrace] = useState("P1D");
  return (
    <FormDialog
      title={`Turn over ${nameOf(of)}`}
      deed="Turn over"
      close={close}
      act={async () => {
        const answer = await rotate.mutateAsync({ id: of.id, grace: grace || null });
        made({ name: `The new value of ${nameOf(of)}`, value: answer.value });
        close();
      }}
    >
      <Text size="sm">A new key with the same settings takes its place.</Text>
      <Select
        label="The old value works on"
        data-autofocus
        allowDeselect={false}
        data={GRACES}
        value={grace}
        onChange={(chosen) => setGrace(chosen ?? "")}
      />
    </FormDialog>
  );
}
