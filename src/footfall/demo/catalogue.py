"""What the shop sells and shows: products, pages, components and the ways that lead to it. Tables only.

Pages and products are those of the real shop (`examples/shop`), which reads the same `catalogue.json`. Components, what
is done with them and what is told of it are the real one's, too: a test walks through it and compares.
"""

from importlib import resources

import msgspec

HOST = "https://fernweh.example"


class _PageRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: str
    title: str
    section: str


class _ProductRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: str
    slug: str
    cents: int


class _CategoryRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    searches: tuple[str, ...]
    products: tuple[_ProductRow, ...]


class _Failure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    endpoint: str
    status: int


class _Checkout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fault: str
    """What a release with a broken checkout says."""
    failure: _Failure
    declined: str


class _Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shop: str
    base: str
    """The path below which the shop lies."""
    pages: dict[str, _PageRow]
    categories: tuple[_CategoryRow, ...]
    mishaps: dict[str, str]
    """What sometimes goes wrong in a component."""
    failures: tuple[_Failure, ...]
    """And behind the page."""
    checkout: _Checkout


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


_TABLES = msgspec.json.decode((resources.files("footfall.demo") / "catalogue.json").read_bytes(), type=_Tables)

# ── components ───────────────────────────────────────────────────────────────────────────────────────────────


class Component(msgspec.Struct, frozen=True):
    name: str
    dwell_ms: int
    """How long it is looked at, on average."""
    lively: float
    """The chance that a look becomes an interaction."""
    actions: tuple[str, ...]
    """What is done with it; a repeated one is more usual."""


NAVIGATION = Component("Navigation", 2_500, 0.8, ("menu-open", "click", "click", "menu-close"))
SEARCH_BAR = Component("SearchBar", 5_000, 0.6, ("focus", "suggestion-click", "clear"))
HERO_BANNER = Component("HeroBanner", 4_000, 0.2, ("click", "click", "next-slide", "dismiss"))
PRODUCT_GRID = Component("ProductGrid", 16_000, 0.5, ("scroll-50", "scroll-50", "scroll-100", "sort", "filter"))
PRODUCT_CARD = Component("ProductCard", 3_500, 0.3, ("hover", "hover", "wishlist"))
GALLERY = Component("Gallery", 9_000, 0.5, ("next", "next", "zoom", "thumbnail-click"))
REVIEW_LIST = Component("ReviewList", 16_000, 0.3, ("scroll-50", "scroll-100", "helpful-click", "sort"))
SIZE_GUIDE = Component("SizeGuide", 11_000, 0.3, ("open", "switch-units"))
CART_DRAWER = Component("CartDrawer", 7_000, 0.4, ("open", "quantity-change", "remove", "close"))
CHECKOUT_FORM = Component("Checkout", 38_000, 0.0, ())
COUPON_FIELD = Component("CouponField", 6_000, 0.7, ("apply", "apply", "reject"))
NEWSLETTER = Component("NewsletterSignup", 4_500, 0.2, ("submit", "dismiss", "dismiss"))

# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────


class Campaign(msgspec.Struct, frozen=True):
    source: str
    medium: str
    name: str


NO_CAMPAIGN = Campaign("", "", "")


class Page(msgspec.Struct, frozen=True):
    path: str
    title: str
    section: str
    shows: tuple[tuple[Component, float], ...] = ()
    """Its components and the chance that a visitor notices each."""
    url: str = ""
    campaign: Campaign = NO_CAMPAIGN
    """What the address tells of the campaign that led here (`enrich` reads it from there, too)."""


def _page(name: str, *shows: tuple[Component, float]) -> Page:
    row = _TABLES.pages[name]
    return _made(row.path, row.title, row.section, *shows)


def _made(path: str, title: str, section: str, *shows: tuple[Component, float]) -> Page:
    path = _TABLES.base + path
    return Page(path, f"{title} · {_TABLES.shop}", section, shows, HOST + path)


HOME = _page("home", (NAVIGATION, 0.16), (HERO_BANNER, 0.30), (PRODUCT_GRID, 0.25), (NEWSLETTER, 0.05))
SEARCH = _page("search", (PRODUCT_GRID, 0.5))
CART = _page("cart", (CART_DRAWER, 0.55), (COUPON_FIELD, 0.1))
CHECKOUT = _page("checkout")
THANKS = _page("thanks", (NEWSLETTER, 0.15))
LOGIN = _page("login")
SALE = _page("sale", (HERO_BANNER, 0.3), (PRODUCT_GRID, 0.55))
GUIDE = _page("guide", (NAVIGATION, 0.15), (NEWSLETTER, 0.08))
RETURNS = _page("returns", (NAVIGATION, 0.2))

# ── products ─────────────────────────────────────────────────────────────────────────────────────────────────


class Product(msgspec.Struct, frozen=True):
    id: str
    cents: int
    page: Page
    click: str
    """Properties of a `product_click`, as JSON."""

    @property
    def price(self) -> str:
        return money(self.cents)


class Category(msgspec.Struct, frozen=True):
    page: Page
    products: tuple[Product, ...]
    searches: tuple[str, ...]


def money(cents: int) -> str:
    """An amount as a JSON number with two decimals."""
    return f"{cents // 100}.{cents % 100:02d}"


def _product(category: str, row: _ProductRow) -> Product:
    shows = ((GALLERY, 0.45), (REVIEW_LIST, 0.2))
    if category in {"shoes", "jackets"}:
        shows = (*shows, (SIZE_GUIDE, 0.03))
    return Product(
        row.id,
        row.cents,
        _made(f"/products/{row.slug}", row.name, "product", *shows),
        f'{{"product_id":"{row.id}","product_name":"{row.name}","category":"{category}","price":{money(row.cents)}}}',
    )


def _category(row: _CategoryRow) -> Category:
    shows = ((NAVIGATION, 0.08), (PRODUCT_GRID, 0.42), (PRODUCT_CARD, 0.12))
    return Category(
        _made(f"/category/{row.name}", row.name.capitalize(), "catalogue", *shows),
        tuple(_product(row.name, product) for product in row.products),
        row.searches,
    )


CATEGORIES = tuple(_category(row) for row in _TABLES.categories)

PAGES = (
    HOME,
    SALE,
    GUIDE,
    RETURNS,
    *(category.page for category in CATEGORIES),
    *(product.page for category in CATEGORIES for product in category.products),
)
"""Every page that a crawler finds."""

# ── ways in ──────────────────────────────────────────────────────────────────────────────────────────────────


class Arrival(msgspec.Struct, frozen=True):
    """How a visit begins; a page of None is one of the visitor's favourite category."""

    share: int
    page: Page | None
    referrer: str


def _led(page: Page, campaign: Campaign) -> Page:
    query = f"?utm_source={campaign.source}&utm_medium={campaign.medium}&utm_campaign={campaign.name}"
    return msgspec.structs.replace(page, url=page.url + query, campaign=campaign)


ARRIVALS = (
    Arrival(22, HOME, ""),
    Arrival(16, HOME, "https://www.google.com/"),
    Arrival(18, None, "https://www.google.com/"),
    Arrival(5, None, "https://duckduckgo.com/"),
    Arrival(5, GUIDE, "https://www.google.com/"),
    Arrival(2, RETURNS, ""),
    Arrival(8, _led(SALE, Campaign("newsletter", "email", "summer-sale")), ""),
    Arrival(7, _led(HOME, Campaign("google", "cpc", "brand")), "https://www.google.com/"),
    Arrival(9, _led(SALE, Campaign("instagram", "social", "summer-sale")), "https://l.instagram.com/"),
    Arrival(4, _led(GUIDE, Campaign("outdoor-blog", "referral", "packing-light")), "https://trails.example/"),
    Arrival(4, HOME, "https://www.bing.com/"),
)

# ── what else happens ────────────────────────────────────────────────────────────────────────────────────────

CTA = '{"position":"hero","variant":"primary"}'
_PAYING = _TABLES.checkout
CHECKOUT_FAULT = _json({"error_message": _PAYING.fault, "step": "payment"})
DECLINED = _json({"error_message": _PAYING.declined, "step": "payment"})
PAYMENT_FAILURE = _json(_PAYING.failure)
MISHAPS = tuple((name, _json({"error_message": message})) for name, message in _TABLES.mishaps.items())
FAILURES = tuple(_json(failure) for failure in _TABLES.failures)
