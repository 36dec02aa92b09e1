/** What there is to buy. */

export interface Product {
  id: string;
  name: string;
  category: string;
  price: number;
}

const shelf = (category: string, ...products: [id: string, name: string, price: number][]): Product[] =>
  products.map(([id, name, price]) => ({ id, name, category, price }));

export const PRODUCTS: readonly Product[] = [
  ...shelf(
    "shoes",
    ["ridge", "Ridge Hiking Boot", 169.9],
    ["runner", "Trail Runner", 129.9],
    ["camp", "Camp Sandal", 49.9],
  ),
  ...shelf("jackets", ["storm", "Storm Shell", 229.9], ["down", "Down Hoodie", 199.9], ["poncho", "Rain Poncho", 39.9]),
  ...shelf("tents", ["solo", "Solo One", 249.9], ["duo", "Duo Light", 349.9], ["tarp", "Tarp Three by Three", 89.9]),
];

export const CATEGORIES: readonly string[] = [...new Set(PRODUCTS.map(({ category }) => category))];

export const euros = (amount: number): string => `${amount.toFixed(2)} €`;
