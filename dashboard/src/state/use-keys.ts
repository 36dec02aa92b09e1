/** The keys of the table at work: one listener for the whole page. */

import { useLocalStorage } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import { type Right, useSession } from "../session";
import { type Deed, found, isAlwaysOn, strokeOf } from "./keys";
import { movedRange } from "./range";
import { useChange, useFrame, useGo, useNow } from "./use-view";

/** Whether keys without Ctrl or Cmd count, which this browser remembers. */
export function useKeysOn(): [boolean, (on: boolean) => void] {
  const [stored, store] = useLocalStorage<"on" | "off">({
    key: "footfall-keys",
    defaultValue: "on",
    getInitialValueInEffect: false,
  });
  return [stored !== "off", (on) => store(on ? "on" : "off")];
}

/** Between the two strokes of `g t`, in milliseconds. */
const PATIENCE = 1500;

/** Where letters are text. */
const TYPING = "textarea, select, [contenteditable=true], input:not([type=checkbox], [type=radio])";
/** Where arrows mean something already. */
const WALKED =
  "input, [role=menu], [role=listbox], [role=tablist], [role=grid], [role=region], [aria-roledescription], section[tabindex]";
/** Lies over the page, which is not to change under it. */
const OVER = "[aria-modal=true]";

export interface Opens {
  palette: () => void;
  help: () => void;
}

export function useKeys(opens: Opens): void {
  const [on] = useKeysOn();
  const deeds = useDeeds(opens);
  const latest = useRef({ on, deeds });
  latest.current = { on, deeds };
  useEffect(() => {
    let begun: { stroke: string; at: number } | null = null;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const stroke = strokeOf(event);
      const before = begun && event.timeStamp - begun.at < PATIENCE ? begun.stroke : null;
      begun = null;
      const row = stroke === null ? null : found(stroke, before);
      if (row === null || stroke === null || !isMeant(event, stroke)) return;
      if (row === "more") {
        if (latest.current.on) begun = { stroke, at: event.timeStamp };
        return;
      }
      if (!latest.current.on && !isAlwaysOn(row)) return;
      if (latest.current.deeds(row.deed)) event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

function isMeant(event: KeyboardEvent, stroke: string): boolean {
  if (stroke.startsWith("mod+")) return true;
  const target = event.target instanceof Element ? event.target : document.body;
  if (target.closest(TYPING) || document.querySelector(OVER)) return false;
  return !(stroke.startsWith("Arrow") && target.closest(WALKED));
}

/** Does what a row says; false where there is nothing to be done here. */
function useDeeds(opens: Opens): (deed: Deed) => boolean {
  const { project, may } = useSession();
  const { range } = useFrame();
  const now = useNow();
  const change = useChange();
  const go = useGo();
  const ranged = (next: string | null) => {
    if (next === null) return false;
    change({ range: next, list: undefined });
    return true;
  };
  return (deed) => {
    switch (deed.does) {
      case "palette":
      case "help":
        opens[deed.does]();
        return true;
      case "press":
        if (press(deed.what)) return true;
        if (deed.what !== "search") return false;
        opens.palette();
        return true;
      case "range":
        return ranged(deed.range);
      case "move":
        return ranged(movedRange(range, deed.steps, project.timezone, now));
      case "clear":
        change({ filters: undefined, list: undefined });
        return true;
      case "go":
        if (!may(deed.right as Right)) return false;
        go(deed.to);
        return true;
      case "itself":
        return false;
    }
  };
}

/** The first part of the page that carries the name is clicked; a field is gone into. */
function press(what: string): boolean {
  const part = document.querySelector<HTMLElement>(`[data-hotkey="${what}"]`);
  if (!part) return false;
  part.focus();
  if (!part.matches("input[type=search], input[type=text]:not([role=combobox]):not([aria-haspopup])")) part.click();
  return true;
}
