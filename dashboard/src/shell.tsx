/** What is around every page: the rail, the bar with project, range and filters, and what is heard of the server. */

import {
  ActionIcon,
  Alert,
  Anchor,
  AppShell,
  Badge,
  Burger,
  Group,
  Menu,
  NavLink,
  Select,
  Switch,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Check, Keyboard, Monitor, Moon, Search, Sun, UserRound } from "lucide-react";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { got } from "./api/client";
import { ChartScheme } from "./charts";
import { PAGES, type PageRow, pageAround } from "./pages";
import { Filters } from "./parts/filters";
import { Keyed } from "./parts/keyed";
import { RangePicker } from "./parts/range-picker";
import { Fence, Waiting } from "./parts/states";
import { SessionProvider, useProjects, useSession } from "./session";
import { forgetHistories } from "./sql/histories";
import { capsOf, keyRow } from "./state/keys";
import { useKeys } from "./state/use-keys";
import { useChange, useGo, useView } from "./state/use-view";
import { ago, count } from "./state/words";

const Palette = lazy(() => import("./parts/palette"));
const Help = lazy(() => import("./parts/help"));

export function Shell() {
  const { project } = useView();
  return (
    <Suspense fallback={<Waiting height={400} />}>
      <SessionProvider project={project}>
        <OfProject />
      </SessionProvider>
    </Suspense>
  );
}

/** Nothing that was shown, typed or made in one project is there in another. */
function OfProject() {
  const { project } = useSession();
  return <Frame key={project.id} />;
}

function Frame() {
  const [opened, { toggle, close }] = useDisclosure();
  const scheme = useComputedColorScheme("light");
  const { me } = useSession();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [asked, setAsked] = useState(0);
  const [helps, setHelps] = useState(false);
  const palette = () => setAsked((before) => before + 1);
  const help = () => setHelps(true);
  useKeys({ palette, help });
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone, who has arrived wants the page
  useEffect(close, [path]);
  return (
    <ChartScheme scheme={scheme}>
      <a className="skip" href="#page">
        To the page
      </a>
      <AppShell
        header={{ height: { base: 96, md: 52 } }}
        navbar={{ width: 204, breakpoint: "sm", collapsed: { mobile: !opened } }}
        padding={{ base: "sm", md: "lg" }}
      >
        <AppShell.Header px="sm">
          <Bar opened={opened} toggle={toggle} palette={palette} help={help} />
        </AppShell.Header>
        <AppShell.Navbar p="xs" component="nav" aria-label="Pages">
          <Rail />
        </AppShell.Navbar>
        <AppShell.Main id="page" tabIndex={-1}>
          {me && !me.can_sign_in && (
            <Alert mb="md" color="footfall">
              You came by a link that works once.{" "}
              <Anchor href="/account" c="inherit" underline="always">
                Choose a name and a password
              </Anchor>
              , so that you can sign in again.
            </Alert>
          )}
          <FilterBar />
          <Fence of={path}>
            <Suspense fallback={<Waiting height={400} />}>
              <Outlet />
            </Suspense>
          </Fence>
        </AppShell.Main>
      </AppShell>
      <Suspense>
        {asked > 0 && <Palette asked={asked} help={help} />}
        {helps && <Help close={() => setHelps(false)} />}
      </Suspense>
    </ChartScheme>
  );
}

interface BarProps {
  opened: boolean;
  toggle: () => void;
  palette: () => void;
  help: () => void;
}

function Bar({ opened, toggle, palette, help }: BarProps) {
  return (
    <Group h="100%" gap={8} className="bar">
      <Group gap={8} wrap="nowrap">
        <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Pages" />
        <Mark />
        <ProjectPicker />
      </Group>
      <Group gap={6} wrap="nowrap" className="bar-range">
        <Fresh />
        <RangePicker />
      </Group>
      <Group gap={6} wrap="nowrap">
        <Keyed of="palette" label="Find anything">
          <ActionIcon size={30} aria-label="Find anything" onClick={palette}>
            <Search size={16} />
          </ActionIcon>
        </Keyed>
        <SchemeMenu />
        <AccountMenu help={help} />
      </Group>
    </Group>
  );
}

function Mark() {
  return (
    <Anchor component={Link} to="/" underline="never" c="var(--mantine-color-text)" aria-label="Footfall, overview">
      <Group gap={6} wrap="nowrap">
        <img src="/assets/footfall.svg" width={22} height={22} alt="" />
        <Text fw={700} visibleFrom="sm">
          Footfall
        </Text>
      </Group>
    </Anchor>
  );
}

function ProjectPicker() {
  const { project } = useSession();
  const projects = useProjects();
  const go = useGo();
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (projects.length < 2) return null;
  return (
    <Select
      aria-label="Project"
      size="xs"
      w={150}
      value={String(project.id)}
      allowDeselect={false}
      data={projects.map((one) => ({ value: String(one.id), label: one.name }))}
      // What is filtered by, saved or listed in one project means nothing in another: there, it is the page's own list.
      onChange={(id) => go(pageAround(path), { project: Number(id), filters: undefined })}
    />
  );
}

function Rail() {
  const { may, shop } = useSession();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const rows: readonly PageRow[] = PAGES;
  return (
    <>
      {rows
        .filter((row) => may(row.right as Parameters<typeof may>[0]))
        .map((row) => {
          const here = row.path === "/" ? path === "/" : path.startsWith(row.path);
          return (
            <NavLink
              key={row.path}
              className="rail-link"
              component={Link}
              to={row.path}
              title={keysTo(row.path)}
              label={row.title}
              leftSection={<row.icon size={16} aria-hidden />}
              active={here}
              aria-current={here ? "page" : undefined}
              py={6}
              variant="light"
            />
          );
        })}
      <Group mt="auto" gap="xs" p="xs">
        {shop && (
          <Anchor href="/shop/" size="xs">
            A shop to click in
          </Anchor>
        )}
        <Anchor href="/api/openapi.json" size="xs">
          API
        </Anchor>
      </Group>
    </>
  );
}

/** "G then T", as the table of keys has it. */
function keysTo(path: string): string | undefined {
  const row = keyRow(`go ${path}`);
  return row && capsOf(row.keys).flat().join(" then ");
}

/** Pages of numbers take the filters of the address; a board does, and the list of boards does not. */
const UNFILTERED = /^\/(settings|sql|people|plan)(\/|$)|^\/boards\/?$/;

function FilterBar() {
  const { filters = [], bots } = useView();
  const change = useChange();
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (UNFILTERED.test(path)) return null;
  return (
    <Group justify="space-between" mb="sm" gap="xs">
      <Filters
        filters={filters}
        onChange={(changed) => change({ filters: changed.length > 0 ? changed : undefined, list: undefined })}
      />
      <Switch
        size="xs"
        label="Count bots"
        checked={bots ?? false}
        onChange={(changed) => change({ bots: changed.currentTarget.checked || undefined, list: undefined })}
      />
    </Group>
  );
}

const OFTEN = 5_000;
/** Seconds that an event takes on its way. */
const SHORT = 3;

/** How far behind the numbers are, and what was refused. */
function Fresh() {
  const { api, may } = useSession();
  const { data, error } = useQuery({
    queryKey: ["status", api.project],
    queryFn: ({ signal }) => got(api.routes.GET("/api/ingest/status", { signal })),
    enabled: may("view"),
    refetchInterval: OFTEN,
    staleTime: OFTEN,
  });
  if (!may("view")) return null;
  if (error)
    return (
      <Badge color="orange" variant="light" tt="none">
        No answer
      </Badge>
    );
  if (!data) return null;
  const late = data.queue.refusing !== null || data.lag_seconds > 30;
  return (
    <Group gap={4} wrap="nowrap">
      <Tooltip label={data.queue.refusing ?? `${count(data.queued)} events wait to be written`}>
        <Badge color={late ? "orange" : "teal"} variant="light" tt="none" data-testid="freshness">
          {data.queued === 0 || data.lag_seconds < SHORT
            ? "Live"
            : `Behind by ${ago(data.lag_seconds).replace(" ago", "")}`}
        </Badge>
      </Tooltip>
      {data.quarantined > 0 && (
        <Tooltip label="Events that were refused, with their reasons">
          <Badge
            component={Link}
            to="/plan"
            search={{ tab: "quarantine" } as never}
            color="orange"
            variant="light"
            tt="none"
            style={{ cursor: "pointer" }}
          >
            Quarantined: {count(data.quarantined)}
          </Badge>
        </Tooltip>
      )}
    </Group>
  );
}

const SCHEMES = [
  { scheme: "light", title: "Light", icon: Sun },
  { scheme: "dark", title: "Dark", icon: Moon },
  { scheme: "auto", title: "As the system", icon: Monitor },
] as const;

function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const shown = SCHEMES.find((one) => one.scheme === colorScheme) ?? SCHEMES[2];
  return (
    <IconMenu icon={<shown.icon size={16} />} label="Colours">
      {SCHEMES.map(({ scheme, title, icon: Icon }) => (
        <Menu.Item
          key={scheme}
          leftSection={<Icon size={14} />}
          onClick={() => setColorScheme(scheme)}
          rightSection={scheme === colorScheme ? <Check size={14} aria-label="chosen" /> : undefined}
        >
          {title}
        </Menu.Item>
      ))}
    </IconMenu>
  );
}

function AccountMenu({ help }: { help: () => void }) {
  const { me } = useSession();
  if (!me) {
    return (
      <Anchor href="/signin" size="sm">
        Sign in
      </Anchor>
    );
  }
  return (
    <IconMenu icon={<UserRound size={16} />} label="Account">
      <Menu.Label>{me.name || me.email || "Signed in by a link"}</Menu.Label>
      <Menu.Item leftSection={<Keyboard size={14} />} onClick={help}>
        Keys
      </Menu.Item>
      <Menu.Item component="a" href="/account">
        Account
      </Menu.Item>
      <form method="post" action="/signout" onSubmit={() => forgetHistories()}>
        <Menu.Item component="button" type="submit">
          Sign out
        </Menu.Item>
      </form>
    </IconMenu>
  );
}

function IconMenu({ icon, label, children }: { icon: ReactNode; label: string; children: ReactNode }) {
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon size={30} aria-label={label}>
          {icon}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
