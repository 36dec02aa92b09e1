import { describe, expect, it } from "vitest";
import type { Event } from "../../src/api/types";
import { fieldsOf, propertiesOf } from "../../src/state/fields";

const event = (more: Partial<Event>) => ({ event: "purchase", event_id: "1", properties: {}, ...more }) as Event;

describe("the properties of an event", () => {
  it("are told one by one, however deep they lie, by the names that filters take", () => {
    const found = propertiesOf(event({ properties: { plan: "pro", cart: { items: 2, "a.b": true } } }));
    expect(found.map((one) => [one.name, one.text])).toEqual([
      ["properties.plan", "pro"],
      ["properties.cart.items", "2"],
      ['properties.cart["a.b"]', "true"],
    ]);
  });

  it("can be filtered by where they are texts, numbers or truths", () => {
    const found = propertiesOf(event({ properties: { n: 2, list: [1], nothing: null } }));
    expect(found.map((one) => one.filter)).toEqual([
      { property: "properties.n", operator: "is", values: [2] },
      null,
      null,
    ]);
  });
});

describe("the fields of an event", () => {
  it("leave out what it does not have, and what is shown elsewhere", () => {
    const found = fieldsOf(event({ page: "/a", component: null, person_id: "0af1" }));
    expect(found.map((one) => one.name)).toEqual(["event_id", "page"]);
  });

  it("have its groups, by the names that filters take", () => {
    expect(fieldsOf(event({ groups: { organization: "42" } })).at(-1)).toEqual({
      name: "group.organization",
      text: "42",
      filter: { property: "group.organization", operator: "is", values: ["42"] },
    });
  });
});
