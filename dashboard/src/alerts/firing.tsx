/** What fires, above everything else; nothing while all is well. */

import { Alert, Anchor, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { BellRing } from "lucide-react";
import { useRules } from "../api/alerts";
import { count, counted } from "../state/words";
import { byUrgency, isFiring, nameOf, ruleWords } from "./words";

/** So many are named. */
const NAMED = 3;

export default function Firing() {
  const { data = [] } = useRules();
  const firing = byUrgency(data.filter(isFiring));
  if (firing.length === 0) return null;
  return (
    <Alert
      mb="xs"
      color="red"
      icon={<BellRing size={18} />}
      title={`${counted(firing.length, "alert")} firing`}
      role="status"
    >
      <Stack gap={4}>
        {firing.slice(0, NAMED).map((rule) => (
          <Text key={rule.id} size="sm" style={{ overflowWrap: "anywhere" }}>
            <Anchor
              component={Link}
              to="/alerts"
              search={{ opened: rule.id } as never}
              inherit
              c="inherit"
              underline="always"
            >
              {nameOf(rule)}
            </Anchor>
            : {ruleWords(rule)}
            {rule.value !== null && `; now ${count(rule.value)}`}
          </Text>
        ))}
        {firing.length > NAMED && (
          <Text size="sm">
            <Anchor component={Link} to="/alerts" inherit c="inherit" underline="always">
              All {counted(firing.length, "alert")}
            </Anchor>
          </Text>
        )}
      </Stack>
    </Alert>
  );
}
