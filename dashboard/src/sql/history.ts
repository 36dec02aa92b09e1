/** The statements that somebody ran in this browser, the last one first; their texts and nothing else. */

import { useLocalStorage } from "@mantine/hooks";
import { useSession } from "../session";
import { keyOf } from "./histories";

const MOST = 50;

export function useHistory(): { texts: readonly string[]; keep: (text: string) => void; forget: () => void } {
  const { me, project } = useSession();
  const [texts, setTexts] = useLocalStorage<string[]>({
    key: keyOf(project.id, me?.id),
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  return {
    texts,
    keep: (text) => setTexts((before) => remembered(before, text)),
    forget: () => setTexts([]),
  };
}

/** One that was run before moves to the front. */
export function remembered(texts: readonly string[], text: string): string[] {
  return [text, ...texts.filter((one) => one !== text)].slice(0, MOST);
}
