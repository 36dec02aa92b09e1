/**
 * Clicks that an attribute names: `<button data-track="cta_click" data-track-props='{"position": "hero"}'>`.
 *
 * The event is written before the click goes on, so navigation is never held up. Nothing else of the element is read:
 * no text, no value, no form.
 */

import type { Client, Properties } from "./client.js";

const counted = new WeakSet<MouseEvent>();

export function clicks(client: Client, signal: AbortSignal = client.ending): void {
  const look = (click: MouseEvent) => {
    const { target } = click;
    const element = target instanceof Element ? target.closest("[data-track]") : null;
    const event = element?.getAttribute("data-track");
    if (!element || !event || counted.has(click)) return;
    counted.add(click); // whoever else listens: a provider beside the script
    client.track(event, propertiesOf(element));
  };
  document.addEventListener("click", look, { capture: true, signal });
}

/** The element's properties; none, and a word in the console, when they are no JSON object. */
export function propertiesOf(element: Element): Properties {
  const text = element.getAttribute("data-track-props");
  try {
    const properties: unknown = JSON.parse(text ?? "{}");
    if (properties && typeof properties === "object" && !Array.isArray(properties)) return properties;
  } catch {
    // Said below.
  }
  console.warn("footfall: data-track-props is no JSON object:", text, element);
  return {};
}
