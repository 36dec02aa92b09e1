import { expect, test } from "vitest";
import { cut } from "../src/url.js";

test.each([
  [
    "a campaign stays",
    "https://a.example/x?utm_source=n&utm_medium=m&ref=r",
    "https://a.example/x?utm_source=n&utm_medium=m&ref=r",
  ],
  [
    "everything else goes",
    "https://a.example/x?token=secret&q=me%40a.example&utm_source=n",
    "https://a.example/x?utm_source=n",
  ],
  ["what looks alike goes", "https://a.example/?xutm_source=1&refresh=2&ref=3", "https://a.example/?ref=3"],
  ["a fragment goes", "https://a.example/x#access_token=secret", "https://a.example/x"],
  [
    "a route in the fragment stays, its query goes",
    "https://a.example/#/cart/2?token=secret",
    "https://a.example/#/cart/2",
  ],
  ["credentials go", "https://user:password@a.example/x", "https://a.example/x"],
  ["what is no address is none", "not an address", ""],
  ["nothing is nothing", "", ""],
])("%s", (_, address, expected) => {
  expect(cut(address)).toBe(expected);
});

test("keys that an application names stay as well", () => {
  expect(cut("https://a.example/?page=2&token=secret", ["page"])).toBe("https://a.example/?page=2");
});
