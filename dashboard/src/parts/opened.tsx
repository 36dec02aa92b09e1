/** What a list has open, in a drawer beside it. The address says which. */

import { Drawer } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useChange, usePageView } from "../state/use-view";

interface OpenedProps {
  /** Its title, by what is open. */
  title: (id: string) => string;
  /** What the button that closes it says. */
  close: string;
  children: (id: string) => ReactNode;
}

export function Opened({ title, close, children }: OpenedProps) {
  const { opened } = usePageView();
  const change = useChange();
  // It stays while it closes, and gives the focus back to where it came from.
  const [shown, setShown] = useState(opened);
  if (opened !== undefined && opened !== shown) setShown(opened);
  return (
    <Drawer
      opened={opened !== undefined}
      onClose={() => change({ opened: undefined, q: undefined })}
      position="right"
      size="xl"
      title={shown !== undefined && title(shown)}
      closeButtonProps={{ "aria-label": close }}
    >
      {shown !== undefined && children(shown)}
    </Drawer>
  );
}
