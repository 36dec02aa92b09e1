/** What stands where a picture would: while it is asked, when there is none, and when it failed. */

import { Alert, Anchor, Box, Button, Center, Group, Loader, Stack, Text, Title } from "@mantine/core";
import { useDebouncedValue, useDocumentTitle } from "@mantine/hooks";
import { CircleAlert } from "lucide-react";
import { Component, type ReactNode } from "react";
import { Problem } from "../api/client";

/** Why something cannot be shown, in words of the server, and what to do. */
export function Failure({ error, again }: { error: unknown; again?: (() => void) | undefined }) {
  const problem = error instanceof Problem ? error : undefined;
  if (problem?.status === 401) {
    return (
      <Alert color="orange" icon={<CircleAlert size={18} />} title="You are not signed in any more">
        <Anchor href="/signin">Sign in</Anchor>, and come back here.
      </Alert>
    );
  }
  return (
    <Alert color="orange" icon={<CircleAlert size={18} />} title={problem?.title ?? "This did not work"} role="alert">
      <Text size="sm">{error instanceof Error ? error.message : "Something went wrong."}</Text>
      {problem?.path && (
        <Text size="xs" c="dimmed" ff="monospace">
          {problem.path}
        </Text>
      )}
      {again && (
        <Button mt="xs" variant="default" onClick={again}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

/** A wait that is short shows nothing, so that nothing flickers. */
export function Waiting({ height = 280, label = "Loading" }: { height?: number; label?: string }) {
  const [shown] = useDebouncedValue(true, 300);
  return (
    <Center h={height} role="status" aria-label={label}>
      {shown && <Loader size="sm" type="bars" />}
    </Center>
  );
}

export function Nothing({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Center mih={180} p="md">
      <Stack gap={6} align="center" maw={520} ta="center">
        <Text fw={600}>{title}</Text>
        <Box c="dimmed" fz="sm">
          {children}
        </Box>
      </Stack>
    </Center>
  );
}

interface FenceProps {
  children: ReactNode;
  /** When this changes, what failed is tried again. */
  of: unknown;
}

/** One part that fails leaves the rest of the page alone. */
export class Fence extends Component<FenceProps, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(before: FenceProps) {
    if (this.state.error !== null && before.of !== this.props.of) this.setState({ error: null });
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <Failure error={this.state.error} again={() => this.setState({ error: null })} />;
  }
}

/** A page's own heading, with what can be done there. */
export function Heading({ title, children }: { title: string; children?: ReactNode }) {
  useDocumentTitle(`${title} · Footfall`);
  return (
    <Group justify="space-between" mb="sm" gap="xs">
      <Title order={1}>{title}</Title>
      <Group gap="xs">{children}</Group>
    </Group>
  );
}
