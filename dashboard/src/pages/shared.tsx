/**
 * What a link shows to whoever has it: the name, the tiles, and until when. There is no session here, nothing is asked
 * but what the link stands for, and nothing is drawn but what was answered (ADR 0062).
 */

import {
  Box,
  Button,
  Card,
  Center,
  Group,
  PasswordInput,
  Stack,
  Text,
  Title,
  useComputedColorScheme,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import { useEffect, useState } from "react";
import { Problem } from "../api/client";
import { isOver, type SharedView, sharedOptions } from "../api/shares";
import type { Kind, Schemas } from "../api/types";
import { ChartScheme } from "../charts";
import { kindRow } from "../insights/registry";
import { toldOwn, toldTime } from "../insights/told";
import { placeOf } from "../parts/board-grid";
import { AnswerCard } from "../parts/insight-card";
import { Failure, Fence, Nothing, Waiting } from "../parts/states";
import { readingOrder } from "../state/grid";
import type { SharedLook } from "../state/view";

export default function SharedPage() {
  const { token } = useParams({ strict: false }) as { token: string };
  const { embed = false } = useSearch({ strict: false }) as SharedLook;
  const scheme = useComputedColorScheme("light");
  const [password, setPassword] = useState<string>();
  const asked = useQuery(sharedOptions(token, password));
  const { error, isFetching, refetch } = asked;
  // A link that was taken back shows nothing any more, not even what it showed.
  const data = isOver(error) ? undefined : asked.data;
  // The form stays while a password is tried.
  const locked = !data && (error ? isLocked(error, password) : password !== undefined);
  useEffect(() => {
    document.title = data ? `${data.name} · Footfall` : "Footfall";
  }, [data]);
  return (
    <ChartScheme scheme={scheme}>
      <Box component="main" p={embed ? "xs" : { base: "sm", md: "lg" }} maw={1400} mx="auto">
        {data && error && <Failure error={error} again={() => refetch()} />}
        {data && <View view={data} embed={embed} />}
        {locked && <PasswordForm error={password === undefined ? null : error} busy={isFetching} open={setPassword} />}
        {!data && error && !locked && <Over error={error} again={() => refetch()} />}
        {!data && !error && !locked && <Waiting height={400} />}
      </Box>
    </ChartScheme>
  );
}

/** Whether it is the password that is missing or wrong, or was tried too often. */
function isLocked(error: Error | null, password: string | undefined): boolean {
  if (!(error instanceof Problem)) return false;
  return error.status === 401 || (password !== undefined && error.status === 429);
}

function Over({ error, again }: { error: Error; again: () => void }) {
  if (error instanceof Problem && error.status === 404) {
    return <Nothing title="There is no such link, or it is over">Whoever gave it to you can make a new one.</Nothing>;
  }
  return <Failure error={error} again={again} />;
}

interface PasswordFormProps {
  error: Error | null;
  busy: boolean;
  open: (password: string) => void;
}

function PasswordForm({ error, busy, open }: PasswordFormProps) {
  const [typed, setTyped] = useState("");
  return (
    <Center mih="60vh">
      <Card w={360} maw="100%">
        <form
          onSubmit={(submitted) => {
            submitted.preventDefault();
            if (typed !== "") open(typed);
          }}
        >
          <Stack gap="sm">
            <Group gap={8}>
              <Lock size={16} aria-hidden />
              <Title order={1} size="h2">
                This link has a password
              </Title>
            </Group>
            <PasswordInput
              label="Password"
              autoComplete="off"
              value={typed}
              onChange={(changed) => setTyped(changed.currentTarget.value)}
              error={error?.message}
            />
            <Button type="submit" loading={busy} disabled={typed === ""}>
              Show it
            </Button>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}

function View({ view, embed }: { view: SharedView; embed: boolean }) {
  const tiles = readingOrder(view.tiles.map((tile, key) => ({ ...tile, key })));
  const alone = tiles.length === 1;
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="baseline" gap="xs">
        <Stack gap={2}>
          <Title order={1} size={embed ? "h2" : "h1"}>
            {view.name}
          </Title>
          {view.description && (
            <Text size="sm" c="dimmed">
              {view.description}
            </Text>
          )}
        </Stack>
        <Text size="xs" c="dimmed">
          This link is good until {dateOf(view.expires_at)}
        </Text>
      </Group>
      {tiles.length === 0 && <Nothing title="There is nothing on it yet" />}
      <div className={alone ? undefined : "board"}>
        {tiles.map((tile) => (
          <Card
            key={tile.key}
            component="section"
            aria-label={tile.title}
            className="tile"
            style={placeOf(tile)}
            padding={alone ? "md" : "sm"}
          >
            <TileOf tile={tile} titled={!alone || tile.title !== view.name} whole={alone} />
          </Card>
        ))}
      </div>
    </Stack>
  );
}

function dateOf(moment: string): string {
  return new Date(moment).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

interface TileOfProps {
  tile: Schemas["Answered"];
  titled: boolean;
  /** With all numbers under the picture. */
  whole: boolean;
}

function TileOf({ tile, titled, whole }: TileOfProps) {
  const row = kindRow(tile.kind as Kind);
  return (
    <Fence of={tile}>
      {titled && (
        <Text component="h2" fz="sm" fw={600} mb={4}>
          {tile.title || row?.title}
        </Text>
      )}
      {tile.answer === null || tile.answer === undefined ? (
        <Nothing title="This cannot be shown">{tile.problem}</Nothing>
      ) : row ? (
        <Told row={row} tile={tile} whole={whole} />
      ) : (
        <Nothing title="There is no picture for it here" />
      )}
    </Fence>
  );
}

type Row = NonNullable<ReturnType<typeof kindRow>>;

function Told({ row, tile, whole }: { row: Row; tile: Schemas["Answered"]; whole: boolean }) {
  const answer = tile.answer as Parameters<Row["isEmpty"]>[0];
  const counted = tile.told ?? {};
  return (
    <AnswerCard
      row={row}
      own={toldOwn(row, answer, counted)}
      answer={answer}
      {...toldTime(answer, counted)}
      pictureOnly={!whole}
    />
  );
}
