/** What is said to somebody who may see numbers, and not of whom they are. */

import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useSession } from "../session";
import { Nothing } from "./states";

interface ForReadersProps {
  /** What is not shown, at the beginning of a sentence. */
  what: string;
  children: ReactNode;
}

/** Its children, for who may read single events and people. */
export function ForReaders({ what, children }: ForReadersProps) {
  const { may, project } = useSession();
  if (may("read")) return children;
  return (
    <Nothing title={`${what} are not shown to you`}>
      <Text size="sm">
        You may see the numbers of {project.name}, and not the people behind them. An admin of the project can make you
        an analyst, who sees both.
      </Text>
    </Nothing>
  );
}
