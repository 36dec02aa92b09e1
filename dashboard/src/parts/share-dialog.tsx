/** Links to a board or a saved insight: made with their end, password and filters, listed, and taken back. */

import {
  Anchor,
  Box,
  Button,
  Code,
  CopyButton,
  Group,
  Modal,
  PasswordInput,
  Stack,
  Table,
  Text,
  TextInput,
} from "@mantine/core";
import { Lock } from "lucide-react";
import { useState } from "react";
import { refused, said } from "../api/change";
import { type NewShare, pageOfLink, type Share, useShares, useSharing } from "../api/shares";
import type { Filter } from "../api/types";
import { useSession } from "../session";
import { plusDays, todayIn } from "../state/range";
import { momentIn } from "../state/words";
import { Once } from "./ask";
import { Filters, filterWords } from "./filters";
import { Failure } from "./states";

interface ShareDialogProps {
  of: { saved: string } | { board: string };
  name: string;
  note?: string | undefined;
  close: () => void;
}

const LIFE_DAYS = 30;
const SHORTEST_PASSWORD = 10;

export default function ShareDialog({ of, name, note, close }: ShareDialogProps) {
  const { project } = useSession();
  const { create } = useSharing();
  const today = todayIn(project.timezone, Date.now());
  const [until, setUntil] = useState(plusDays(today, LIFE_DAYS));
  const [password, setPassword] = useState("");
  const [filters, setFilters] = useState<Filter[]>([]);
  const make = () => {
    const body: NewShare = {
      ...of,
      filters,
      // To the end of the day that is named.
      ...(until !== "" && { expires_at: `${plusDays(until, 1)}T00:00:00Z` }),
      ...(password !== "" && { password }),
    };
    create.mutate(body);
  };
  return (
    <Modal opened onClose={close} title={`Share “${name}”`} size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          Whoever has the link sees the numbers as they are then, without an account: no list of people, no event, no
          question. {note}
        </Text>
        <form
          onSubmit={(submitted) => {
            submitted.preventDefault();
            make();
          }}
        >
          <Stack gap="sm">
            <Group grow align="start">
              <TextInput
                type="date"
                label="Good to the end of this day (UTC)"
                min={today}
                value={until}
                onChange={(typed) => setUntil(typed.currentTarget.value)}
              />
              <PasswordInput
                label="Password, if one is wanted"
                description={`At least ${SHORTEST_PASSWORD} characters`}
                inputWrapperOrder={["label", "input", "description", "error"]}
                autoComplete="new-password"
                value={password}
                onChange={(typed) => setPassword(typed.currentTarget.value)}
              />
            </Group>
            <Box>
              <Text size="sm" fw={500} component="div" mb={2}>
                Fixed filters
              </Text>
              <Filters filters={filters} onChange={setFilters} label="Only where" />
            </Box>
            {create.error && <Failure error={create.error} />}
            <Button type="submit" w="fit-content" loading={create.isPending}>
              Make a link
            </Button>
          </Stack>
        </form>
        {create.data && <MadeLink link={create.data.link} />}
        <Links of={of} />
      </Stack>
    </Modal>
  );
}

function MadeLink({ link }: { link: string }) {
  const page = pageOfLink(link);
  return (
    <Stack gap="xs">
      <Once name="The link" value={page}>
        Programs that ask at it, at <Code>/api/shares/…</Code>, get the same as JSON.
      </Once>
      <Group gap="xs">
        <Text size="xs" c="dimmed">
          In a page of yours:
        </Text>
        <CopyButton value={embedOf(page)}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy the HTML to embed it"}
            </Button>
          )}
        </CopyButton>
        <Anchor href={page} target="_blank" rel="noreferrer" size="sm">
          Look at it
        </Anchor>
      </Group>
    </Stack>
  );
}

export function embedOf(page: string): string {
  return `<iframe src="${page}?embed=1" title="Footfall" width="100%" height="600" style="border:0" loading="lazy" referrerpolicy="no-referrer"></iframe>`;
}

/** Those that are good, of one thing or, in the settings, of all. */
export function Links({ of, names }: { of?: ShareDialogProps["of"]; names?: (share: Share) => string }) {
  const { project, may } = useSession();
  const { data, error, refetch } = useShares();
  const { revoke } = useSharing();
  if (error) return <Failure error={error} again={() => refetch()} />;
  const shares = data?.filter((one) => !of || ("saved" in of ? one.saved === of.saved : one.board === of.board)) ?? [];
  if (shares.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        There is no link{of ? " to it" : ""} at the moment.
      </Text>
    );
  }
  const take = (share: Share) =>
    revoke.mutate(share.id, { onSuccess: () => said("From now on, the link shows nothing."), onError: refused });
  return (
    <Table.ScrollContainer minWidth={names ? 620 : 420}>
      <Table fz="sm" verticalSpacing={5} className="numbers" captionSide="top">
        <Table.Caption ta="left" mt={0}>
          Links that are good
        </Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {names && <Table.Th>Shows</Table.Th>}
            <Table.Th>Made</Table.Th>
            <Table.Th>Good until</Table.Th>
            <Table.Th>Only</Table.Th>
            <Table.Th aria-label="What can be done" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shares.map((share) => (
            <Table.Tr key={share.id}>
              {names && <Table.Td>{names(share)}</Table.Td>}
              <Table.Td>{momentIn(project.timezone, share.created_at)}</Table.Td>
              <Table.Td>{momentIn(project.timezone, share.expires_at)}</Table.Td>
              <Table.Td>
                <Group gap={6}>
                  {share.has_password && (
                    <Group gap={4} wrap="nowrap">
                      <Lock size={12} aria-hidden /> with a password
                    </Group>
                  )}
                  {share.filters.map(filterWords).join(", ")}
                </Group>
              </Table.Td>
              <Table.Td ta="right">
                {may("edit") && (
                  <Button
                    variant="subtle"
                    color="gray"
                    onClick={() => take(share)}
                    aria-label={`Take back the link of ${momentIn(project.timezone, share.created_at)}`}
                  >
                    Take back
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
