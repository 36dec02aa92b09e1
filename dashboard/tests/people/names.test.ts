import { describe, expect, it } from "vitest";
import { personName, shortTraits, traitText } from "../../src/people/names";

describe("somebody is called", () => {
  it.each([
    ["by the name that was told", { user_id: "u1", traits: { name: "Ann", email: "a@b.c" } }, "Ann"],
    ["by an address, where no name was", { user_id: "u1", traits: { email: "a@b.c" } }, "a@b.c"],
    ["by the user's id, where nothing was", { user_id: "u1", traits: { name: " " } }, "u1"],
    ["anonymous, where nobody signed in", { user_id: null }, "Anonymous cddca6a2"],
  ])("%s", (_, somebody, name) => {
    expect(personName({ id: "cddca6a24b9569b3", ...somebody })).toBe(name);
  });
});

it("traits are one line, whatever they hold", () => {
  expect(["a", 1, ["x", "y"], { deep: true }].map(traitText)).toEqual(["a", "1", "x, y", '{"deep":true}']);
});

it("a list shows short traits, and no second name", () => {
  const traits = { name: "Ann", plan: "pro", bio: "x".repeat(100), seats: 4, city: "Lima" };
  expect(shortTraits(traits, 2)).toEqual([
    ["plan", "pro"],
    ["seats", "4"],
  ]);
});
