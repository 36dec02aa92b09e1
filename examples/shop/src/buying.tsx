/** From the cart to a purchase, and signing in. Nothing is real here: no name, no address, no card. */

import { group, identify, trackError } from "@footfall/browser";
import { useTrack } from "@footfall/react";
import catalogue from "catalogue";
import { useState } from "react";
import { euros, type Product } from "./goods.js";
import { type Act, BAD_DAY, Component, Does, Folded, Link } from "./parts.js";
import { go } from "./route.js";

export type Cart = readonly Product[];

const sumsOf = (cart: Cart) => ({
  total: Math.round(cart.reduce((sum, { price }) => sum + price, 0) * 100) / 100,
  items_count: cart.length,
  currency: "EUR",
});

function CouponField() {
  const [said, say] = useState("");
  return (
    <Component name="CouponField">
      {(act) => (
        <p>
          <Does act={act} action="apply" then={() => say("A tenth less, if anything here cost something.")}>
            Use SUMMER10
          </Does>{" "}
          <Does act={act} action="reject" then={() => say("That one is over.")}>
            Use WINTER99
          </Does>{" "}
          {said}
        </p>
      )}
    </Component>
  );
}

export function CartPage({ cart, put }: { cart: Cart; put: (cart: Cart) => void }) {
  const track = useTrack();
  if (!cart.length) return <p>Nothing is in it yet.</p>;
  return (
    <>
      <Component name="CartDrawer">
        {(act) => (
          <Folded act={act} opens="open" closes="close" title={`${cart.length} items`}>
            <ul>
              {cart.map((product, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the same thing may be there twice
                <li key={`${product.id}-${place}`}>
                  {product.name}, {euros(product.price)}{" "}
                  <Does act={act} action="quantity-change" then={() => put([...cart, product])}>
                    One more
                  </Does>{" "}
                  <Does act={act} action="remove" then={() => put(cart.filter((_, at) => at !== place))}>
                    Remove
                  </Does>
                </li>
              ))}
            </ul>
          </Folded>
        )}
      </Component>
      <CouponField />
      <Link to={catalogue.pages.checkout.path} told={() => track("checkout_start", sumsOf(cart))}>
        To the checkout
      </Link>
    </>
  );
}

export function CheckoutPage({ cart, put }: { cart: Cart; put: (cart: Cart) => void }) {
  const track = useTrack();
  const [problem, setProblem] = useState("");
  const sums = sumsOf(cart);
  const fails = (message: string) => {
    trackError("Checkout", message, { step: "payment" });
    setProblem(message);
  };
  const pay = (act: Act) => {
    if (BAD_DAY) {
      fails(catalogue.checkout.fault);
      track("error", catalogue.checkout.failure);
      return;
    }
    act("complete");
    track("purchase", { order_id: `order-${Date.now().toString(36)}`, ...sums });
    put([]);
    go(catalogue.pages.thanks.path);
  };
  return (
    <>
      <Component name="Checkout">
        {(act) => (
          <>
            <p>
              {cart.length} items, {euros(sums.total)}.{" "}
              <Does act={act} action="address">
                Take an invented address
              </Does>
            </p>
            <Does act={act} action="pay" then={() => pay(act)}>
              Pay
            </Does>{" "}
            <Does act={act} action="pay" then={() => fails(catalogue.checkout.declined)}>
              Try an expired card
            </Does>
            <p role="status">{problem}</p>
          </>
        )}
      </Component>
      <CouponField />
    </>
  );
}

const PEOPLE = 10_000;

/** Somebody who does not exist; a company's buyer belongs to it. */
function signIn(plan: string): void {
  const number = Math.floor(Math.random() * PEOPLE);
  identify(`visitor-${number}`, { name: `Visitor ${number}`, email: `visitor${number}@example.com`, plan });
  if (plan === "business") group("organization", "1");
  go("/");
}

export function LoginPage() {
  return (
    <p>
      <button type="button" onClick={() => signIn("plus")}>
        Sign in as anybody
      </button>{" "}
      <button type="button" onClick={() => signIn("business")}>
        Sign in for a company
      </button>
    </p>
  );
}
