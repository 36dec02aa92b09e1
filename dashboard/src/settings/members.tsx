/** Who has a role in the project: added by a link, given another role, and taken out. */

import { ActionIcon, Badge, Button, Group, Menu, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { Ellipsis, Link2, UserMinus, UserPlus } from "lucide-react";
import { useState } from "react";
import { refused, said } from "../api/change";
import { type User, useMembering, useMembers } from "../api/settings";
import { Ask, FormDialog, Once } from "../parts/ask";
import { Panel } from "../parts/insight-card";
import { Failure, Nothing, Waiting } from "../parts/states";
import { useSession } from "../session";
import { momentIn } from "../state/words";

type Role = User["role"];

/** By role: what whoever has it may do. */
const ROLES: Record<Role, string> = {
  viewer: "sees numbers and boards, and nobody behind them",
  analyst: "asks, lists people and events, saves and shares",
  admin: "also looks after keys, members and the log",
  owner: "also makes and archives projects",
};

/** Which roles may be given: only an owner makes owners; whoever is one is shown as one. */
export function rolesFor(mayOwn: boolean, now?: Role): Role[] {
  return (Object.keys(ROLES) as Role[]).filter((role) => mayOwn || role !== "owner" || role === now);
}

interface Made {
  name: string;
  link: string;
  until: string;
}

type Open = { what: "add" } | { what: "remove" | "link"; user: User } | null;

export default function MembersTab() {
  const { project } = useSession();
  const { data, error, refetch } = useMembers();
  const { remove, link } = useMembering();
  const [open, setOpen] = useState<Open>(null);
  const [made, setMade] = useState<Made | null>(null);
  const close = () => setOpen(null);
  return (
    <Stack gap="md">
      {made && (
        <Once name={made.name} value={made.link}>
          Good for one browser, once, until {momentIn(project.timezone, made.until)}. Hand it over by a way that you
          trust.
        </Once>
      )}
      <Panel
        title="Members"
        actions={
          <Button leftSection={<UserPlus size={14} />} onClick={() => setOpen({ what: "add" })}>
            Add somebody
          </Button>
        }
      >
        {error && <Failure error={error} again={() => refetch()} />}
        {!data && !error && <Waiting height={160} />}
        {data?.length === 0 && <Nothing title="Nobody has a role here yet" />}
        {data && data.length > 0 && (
          <MemberTable
            users={data}
            link={(user) => setOpen({ what: "link", user })}
            remove={(user) => setOpen({ what: "remove", user })}
          />
        )}
      </Panel>
      {open?.what === "add" && <Add made={setMade} close={close} />}
      {open?.what === "link" && (
        <Ask
          title={`A new link for ${nameOf(open.user)}?`}
          deed="Make a link"
          close={close}
          act={async () => {
            const answer = await link.mutateAsync(open.user.id);
            setMade({ name: `The link for ${nameOf(open.user)}`, link: answer.link, until: answer.expires_at });
          }}
        >
          For somebody who has lost the password or the second factor: whoever opens it chooses new ones, and the old
          ones are forgotten.
        </Ask>
      )}
      {open?.what === "remove" && (
        <Ask
          title={`Remove ${nameOf(open.user)}?`}
          deed="Remove"
          close={close}
          act={async () => {
            await remove.mutateAsync(open.user.id);
            said(`${nameOf(open.user)} has no role here any more.`);
          }}
        >
          From the next request on, the project is closed to them. Whoever has no role left anywhere is forgotten. What
          they saved stays.
        </Ask>
      )}
    </Stack>
  );
}

function nameOf(user: User): string {
  return user.name || user.email || "somebody without a name";
}

interface MemberTableProps {
  users: readonly User[];
  link: (user: User) => void;
  remove: (user: User) => void;
}

function MemberTable({ users, link, remove }: MemberTableProps) {
  const { me, project, may } = useSession();
  const { change } = useMembering();
  return (
    <Table.ScrollContainer minWidth={600}>
      <Table fz="sm" verticalSpacing={6} className="numbers">
        <Table.Thead>
          <Table.Tr>
            {["Who", "Role", "Signs in", "Since", ""].map((title) => (
              <Table.Th key={title} aria-label={title || "What can be done"}>
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {users.map((user) => (
            <Table.Tr key={user.id}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                {nameOf(user)}{" "}
                {user.id === me?.id && (
                  <Badge size="sm" variant="light" tt="none">
                    you
                  </Badge>
                )}
                {user.name && user.email && (
                  <Text size="xs" c="dimmed">
                    {user.email}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Select
                  aria-label={`Role of ${nameOf(user)}`}
                  size="xs"
                  w={110}
                  allowDeselect={false}
                  data={rolesFor(may("own"), user.role)}
                  value={user.role}
                  onChange={(role) => role && change.mutate({ id: user.id, role: role as Role }, { onError: refused })}
                />
              </Table.Td>
              <Table.Td>
                {user.can_sign_in ? "yes" : "not yet"}
                {user.second_factor && ", with a second factor"}
              </Table.Td>
              <Table.Td>{momentIn(project.timezone, user.created_at)}</Table.Td>
              <Table.Td ta="right">
                <Menu position="bottom-end" shadow="md">
                  <Menu.Target>
                    <ActionIcon size={28} aria-label={`What can be done with ${nameOf(user)}`}>
                      <Ellipsis size={16} />
                    </ActionIcon>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item leftSection={<Link2 size={14} />} onClick={() => link(user)}>
                      New link to sign in
                    </Menu.Item>
                    <Menu.Item leftSection={<UserMinus size={14} />} onClick={() => remove(user)}>
                      Remove from the project
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

function Add({ made, close }: { made: (made: Made) => void; close: () => void }) {
  const { may } = useSession();
  const { add } = useMembering();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("analyst");
  return (
    <FormDialog
      title="Add somebody"
      deed="Add"
      close={close}
      unready={email.trim() === ""}
      act={async () => {
        const { user, link } = await add.mutateAsync({ email: email.trim(), name: name.trim(), role });
        made({
          name: user ? `The link for ${nameOf(user)}` : `The invitation for ${email.trim()}, who has an account`,
          link: link.link,
          until: link.expires_at,
        });
        close();
      }}
    >
      <TextInput
        type="email"
        label="E-mail"
        data-autofocus
        autoComplete="off"
        value={email}
        onChange={(typed) => setEmail(typed.currentTarget.value)}
      />
      <TextInput label="Name" maxLength={200} value={name} onChange={(typed) => setName(typed.currentTarget.value)} />
      <Select
        label="Role"
        description={`Whoever has it ${ROLES[role]}`}
        allowDeselect={false}
        data={rolesFor(may("own"))}
        value={role}
        onChange={(chosen) => chosen && setRole(chosen as Role)}
      />
      <Group>
        <Text size="xs" c="dimmed">
          Nothing is sent: you get a link, and hand it over.
        </Text>
      </Group>
    </FormDialog>
  );
}
