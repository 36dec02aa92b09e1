/** The section of the application that an event happens in. */

import { createContext, type ReactNode } from "react";

export const Section = createContext<string | undefined>(undefined);

export interface TrackSectionProps {
  name: string;
  children?: ReactNode;
}

/** Its name is the `section` of every event that a hook inside it sends; the innermost counts. */
export function TrackSection({ name, children }: TrackSectionProps): ReactNode {
  return <Section.Provider value={name}>{children}</Section.Provider>;
}
