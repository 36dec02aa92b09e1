/** `src/footfall/demo/catalogue.json`: what the real shop shows and the demo's invented visitors look at. */
declare module "catalogue" {
  export interface Page {
    path: string;
    title: string;
    section: string;
  }

  export interface Failure {
    type: string;
    endpoint: string;
    status: number;
  }

  type Name = "home" | "search" | "cart" | "checkout" | "thanks" | "login" | "sale" | "guide" | "returns";

  const catalogue: {
    shop: string;
    base: string;
    pages: Record<Name, Page>;
    categories: {
      name: string;
      searches: string[];
      products: { id: string; name: string; slug: string; cents: number }[];
    }[];
    mishaps: Record<string, string>;
    failures: Failure[];
    checkout: { fault: string; failure: Failure; declined: string };
  };
  export default catalogue;
}
