/** Lists of products, and what a product's page shows. */

import { track, trackComponentExit, trackComponentVisit } from "@footfall/browser";
import { useInteractions } from "@footfall/react/interactions";
import { useEffect, useState } from "react";
import { euros, type Product } from "./goods.js";
import { Component, Does, Folded, Link } from "./parts.js";

const CARD = "ProductCard";

export type Add = (product: Product) => void;

/** Puts one into the cart: what is done with the card, and what it means. */
function AddToCart({ product, add }: { product: Product; add: Add }) {
  const { trackInteraction } = useInteractions();
  return (
    <button
      type="button"
      onClick={() => {
        trackInteraction(CARD, "add-to-cart");
        const { id: product_id, price } = product;
        track("add_to_cart", { product_id, quantity: 1, price }, { component: CARD });
        add(product);
      }}
    >
      Add to cart
    </button>
  );
}

function Card({ product, add }: { product: Product; add: Add }) {
  const { id: product_id, name: product_name, category, price, path } = product;
  const { trackInteraction } = useInteractions();
  const clicked = () =>
    track("product_click", { product_id, product_name, category, price }, { component: CARD, action: "click" });
  useEffect(() => () => trackComponentExit(CARD), []);
  return (
    <li
      onPointerEnter={() => {
        trackComponentVisit(CARD);
        trackInteraction(CARD, "hover");
      }}
      onPointerLeave={() => trackComponentExit(CARD)}
    >
      <Link to={path} told={clicked}>
        {product_name}
      </Link>
      <span>{euros(price)}</span>
      <Does act={(action) => trackInteraction(CARD, action)} action="wishlist">
        Wish for it
      </Does>
      <AddToCart product={product} add={add} />
    </li>
  );
}

const CHEAP = 100;

export function Grid({ products, add }: { products: readonly Product[]; add: Add }) {
  const [sorted, setSorted] = useState(false);
  const [cheap, setCheap] = useState(false);
  const shown = products.filter(({ price }) => !cheap || price < CHEAP);
  if (sorted) shown.sort((one, other) => one.price - other.price);
  return (
    <Component name="ProductGrid" scrolls>
      {(act) => (
        <>
          <p>
            <Does act={act} action="sort" then={() => setSorted(!sorted)}>
              {sorted ? "As they come" : "Cheapest first"}
            </Does>{" "}
            <Does act={act} action="filter" then={() => setCheap(!cheap)}>
              {cheap ? "All prices" : `Below ${euros(CHEAP)}`}
            </Does>
          </p>
          <ul className="grid">
            {shown.map((product) => (
              <Card key={product.id} product={product} add={add} />
            ))}
          </ul>
        </>
      )}
    </Component>
  );
}

const PICTURES = 3;
const REVIEWS = ["Keeps what it promises.", "Lighter than I thought.", "Came with us around the lake."];

export function ProductPage({ product, add }: { product: Product; add: Add }) {
  const [picture, setPicture] = useState(0);
  const [newest, setNewest] = useState(false);
  const [inches, setInches] = useState(false);
  return (
    <>
      <p>
        {euros(product.price)} <AddToCart product={product} add={add} />
      </p>
      <Component name="Gallery">
        {(act) => (
          <p className="gallery">
            Picture {picture + 1} of {PICTURES}{" "}
            <Does act={act} action="next" then={() => setPicture((picture + 1) % PICTURES)}>
              Next
            </Does>{" "}
            <Does act={act} action="zoom">
              Zoom
            </Does>{" "}
            <Does act={act} action="thumbnail-click" then={() => setPicture(0)}>
              First
            </Does>
          </p>
        )}
      </Component>
      {["shoes", "jackets"].includes(product.category) && (
        <Component name="SizeGuide">
          {(act) => (
            <Folded act={act} opens="open" title="Which size?">
              {inches ? "Measure in inches, " : "Measure in centimetres, "} and take the next larger one.{" "}
              <Does act={act} action="switch-units" then={() => setInches(!inches)}>
                Other units
              </Does>
            </Folded>
          )}
        </Component>
      )}
      <Component name="ReviewList" scrolls>
        {(act) => (
          <>
            <Does act={act} action="sort" then={() => setNewest(!newest)}>
              {newest ? "Oldest first" : "Newest first"}
            </Does>
            <ul className="reviews">
              {(newest ? [...REVIEWS].reverse() : REVIEWS).map((review) => (
                <li key={review}>
                  {review}{" "}
                  <Does act={act} action="helpful-click">
                    Helpful
                  </Does>
                </li>
              ))}
            </ul>
          </>
        )}
      </Component>
    </>
  );
}
