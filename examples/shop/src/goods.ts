/** What there is to buy, and the pages that show it. */

import catalogue, { type Page } from "catalogue";

export interface Product {
  id: string;
  name: string;
  category: string;
  price: number;
  path: string;
}

export const PRODUCTS: readonly Product[] = catalogue.categories.flatMap(({ name: category, products }) =>
  products.map(({ id, name, slug, cents }) => ({ id, name, category, price: cents / 100, path: `/products/${slug}` })),
);
export const SEARCHES: readonly string[] = catalogue.categories.flatMap(({ searches }) => searches.slice(0, 1));

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

export const CATEGORIES: readonly (Page & { name: string })[] = catalogue.categories.map(({ name }) => ({
  name,
  path: `/category/${name}`,
  title: capital(name),
  section: "catalogue",
}));

const NOWHERE: Page = { path: "", title: "Not here", section: "" };
const PAGES = new Map<string, Page>(
  [
    ...Object.values(catalogue.pages),
    ...CATEGORIES,
    ...PRODUCTS.map(({ path, name }) => ({ path, title: name, section: "product" })),
  ].map((page) => [page.path, page]),
);

export const pageAt = (path: string): Page => PAGES.get(path) ?? NOWHERE;
export const titleOf = (path: string): string => `${pageAt(path).title} · ${catalogue.shop}`;

export const euros = (amount: number): string => `${amount.toFixed(2)} €`;
