"""Plans for the tests."""

from footfall.plan.bundle import Bundle
from footfall.plan.lint import planned

GIVEN = """\
plan: 1
area: cart
owner: cart-team
properties:
  product_id: {type: string, maxLength: 64, description: SKU, pii: none}
  price:      {type: number, minimum: 0, unit: EUR, pii: none}
events:
  page_view:
    {kind: auto, trigger: route change or page mount, sources: [browser], version: 1.0.0,
     properties: {page_name: {type: string, required: true, maxLength: 120}}}
  add_to_cart:
    convention: snake
    trigger: user presses the button and the server accepts the item
    sources: [browser, python]
    version: 2.1.0
    properties:
      product_id: {ref: product_id, required: true}
      quantity:   {type: integer, minimum: 1, maximum: 1000, required: true}
      price:      {ref: price, required: true}
      currency:   {type: string, enum: [EUR, USD, GBP], default: EUR}
    additional: deny
    on_violation: quarantine
    alerts: [{type: anomaly, direction: below, severity: critical}]
  create_project_button.click:
    {convention: element_action, trigger: click, sources: [browser], version: 1.0.0, section: required, properties: {}}
  organization.created:
    {convention: identity_action, owner: platform-team, trigger: org row committed, sources: [python], version: 1.0.0,
     status: deprecated, replaced_by: workspace.created, sunset: 2027-03-01,
     properties: {plan: {type: string, enum: [free, pro], required: true}}}
"""
"""The example of `governance.md`."""


def bundle(text: str) -> Bundle:
    return planned([("plan.yaml", text)])


def of_event(body: str, version: str = "1.0.0") -> Bundle:
    """A plan of one event `a` whose further keys are `body`, as YAML in one line."""
    return bundle(f"plan: 1\nowner: team\nevents:\n  a: {{version: {version}, {body}}}\n")
