/** One person: who they are, when they came, and what they did. */

import { Anchor, Badge, Button, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Problem } from "../api/client";
import { mergesOptions, type Profile, profileOptions, type Step } from "../api/people";
import { LineChart } from "../charts";
import { Panel } from "../parts/insight-card";
import { ForReaders } from "../parts/not-allowed";
import { Failure, Heading, Nothing, Waiting } from "../parts/states";
import { Facts } from "../people/facts";
import { MergeDialog } from "../people/merge-dialog";
import { personName } from "../people/names";
import classes from "../people/people.module.css";
import { Sessions } from "../people/sessions";
import { Stream } from "../people/stream";
import { everyDay } from "../people/timeline";
import { useSession } from "../session";
import { useChange, usePageView } from "../state/use-view";
import { bucketLong, bucketShort, count, counted, momentIn } from "../state/words";

export default function PersonPage() {
  const { person = "" } = useParams({ strict: false }) as { person?: string };
  return (
    <ForReaders what="People">
      <Person key={person} person={person} />
    </ForReaders>
  );
}

function Person({ person }: { person: string }) {
  const { api } = useSession();
  const { data, error, refetch } = useQuery(profileOptions(api, person));
  if (error instanceof Problem && error.status === 404) {
    return (
      <Nothing title="Nobody is known by that id">
        They may have been erased, or belong to another project.{" "}
        <Anchor component={Link} to="/people">
          All people
        </Anchor>
      </Nothing>
    );
  }
  if (error && !data) return <Failure error={error} again={() => refetch()} />;
  if (!data) return <Waiting label="Loading the person" height={400} />;
  return (
    <>
      <Head profile={data} />
      <div className={classes.profile}>
        <Stack gap="md" miw={0}>
          <Activity profile={data} />
          <Did person={data.id} />
        </Stack>
        <Facts profile={data} />
      </div>
    </>
  );
}

function Head({ profile }: { profile: Profile }) {
  const { project, may } = useSession();
  const name = personName(profile);
  return (
    <>
      <Text size="xs" c="dimmed">
        <Anchor component={Link} to="/people" size="xs" underline="always">
          People
        </Anchor>{" "}
        / {profile.id}
      </Text>
      <Heading title={name}>
        {profile.user_id === null && (
          <Badge variant="light" color="gray" tt="none">
            never signed in
          </Badge>
        )}
        {may("admin") && profile.user_id !== null && <MergeMenu profile={profile} user={profile.user_id} />}
      </Heading>
      <Text size="sm" c="dimmed" mb="sm" className="numbers">
        {counted(profile.activity.events, "event")} in {counted(profile.activity.sessions, "session")} · first seen{" "}
        {momentIn(project.timezone, profile.first_seen)} · last seen {momentIn(project.timezone, profile.last_seen)}
      </Text>
    </>
  );
}

/** For admins: this user as another, and whoever was merged into them as themselves again. */
function MergeMenu({ profile, user }: { profile: Profile; user: string }) {
  const { api } = useSession();
  const [step, setStep] = useState<Step | null>(null);
  const merges = (useQuery(mergesOptions(api)).data ?? []).filter((one) => profile.user_ids.includes(one.user_id));
  return (
    <>
      {merges.map((one) => (
        <Button key={one.id} variant="default" onClick={() => setStep({ does: "unmerge", user_id: one.user_id })}>
          Undo the merge of “{one.user_id}”
        </Button>
      ))}
      <Button variant="default" onClick={() => setStep({ does: "merge", user_id: user, into: "" })}>
        Merge with another user
      </Button>
      {step && <MergeDialog start={step} close={() => setStep(null)} />}
    </>
  );
}

function Activity({ profile }: { profile: Profile }) {
  const days = everyDay(profile.activity.by_day);
  if (days.length < 2) return null;
  const active = days.filter((one) => one.events > 0).length;
  return (
    <Panel title="Activity">
      <LineChart
        name="Events by day"
        summary={`Events on ${count(active)} of ${counted(days.length, "day")}.`}
        labels={days.map((one) => one.day)}
        series={[{ name: "Events", values: days.map((one) => one.events) }]}
        label={(day) => bucketShort(day, "day", days.length)}
        fullLabel={(day) => bucketLong(day, "day")}
        format={count}
        height={120}
      />
    </Panel>
  );
}

function Did({ person }: { person: string }) {
  const { tab = "sessions" } = usePageView();
  const change = useChange();
  return (
    <Panel>
      <Tabs
        value={tab === "events" ? "events" : "sessions"}
        onChange={(chosen) => change({ tab: chosen === "events" ? "events" : undefined }, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="sm">
          <Tabs.Tab value="sessions">Sessions</Tabs.Tab>
          <Tabs.Tab value="events">Events</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="sessions">
          <Sessions person={person} />
        </Tabs.Panel>
        <Tabs.Panel value="events">
          <Stream person={person} />
        </Tabs.Panel>
      </Tabs>
    </Panel>
  );
}
