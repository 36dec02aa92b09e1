"""What the shop sells and shows: products, pages, components and the ways that lead to it. Tables only."""

import msgspec

HOST = "https://shop.example"

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
PRODUCT_CARD = Component("ProductCard", 3_500, 0.3, ("hover", "click", "wishlist"))
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


def _page(path: str, title: str, section: str, *shows: tuple[Component, float]) -> Page:
    return Page(path, f"{title} · Fernweh", section, shows, HOST + path)


HOME = _page(
    "/",
    "Home",
    "home",
    (NAVIGATION, 0.16),
    (HERO_BANNER, 0.30),
    (PRODUCT_GRID, 0.25),
    (NEWSLETTER, 0.05),
)
SEARCH = _page("/search", "Search", "catalogue", (PRODUCT_GRID, 0.5))
CART = _page("/cart", "Your cart", "checkout", (CART_DRAWER, 0.55), (COUPON_FIELD, 0.1))
CHECKOUT = _page("/checkout", "Checkout", "checkout")
THANKS = _page("/checkout/thank-you", "Thank you", "checkout", (NEWSLETTER, 0.15))
LOGIN = _page("/account/login", "Sign in", "account")
SALE = _page("/sale", "Summer sale", "catalogue", (HERO_BANNER, 0.3), (PRODUCT_GRID, 0.55))
GUIDE = _page("/guides/packing-light", "Packing light", "guides", (NAVIGATION, 0.15), (NEWSLETTER, 0.08))
RETURNS = _page("/help/returns", "Shipping and returns", "help", (NAVIGATION, 0.2))

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


_SHELVES: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, int], ...]], ...] = (
    (
        "shoes",
        ("hiking boots", "trail running shoes", "sandals", "waterproof boots 42"),
        (
            ("Ridge Hiking Boot", 16990),
            ("Trail Runner", 12990),
            ("City Sneaker", 8990),
            ("Camp Sandal", 4990),
            ("Winter Boot", 18990),
            ("Approach Shoe", 13990),
        ),
    ),
    (
        "jackets",
        ("rain jacket", "down jacket women", "windbreaker", "softshell"),
        (
            ("Storm Shell", 22990),
            ("Down Hoodie", 19990),
            ("Fleece Cardigan", 7990),
            ("Wind Breaker", 9990),
            ("Softshell", 12990),
            ("Rain Poncho", 3990),
        ),
    ),
    (
        "backpacks",
        ("backpack 40l", "cabin bag", "laptop backpack"),
        (
            ("Summit 40", 15990),
            ("Daypack 22", 7990),
            ("Roll-Top", 9990),
            ("Cabin Bag", 11990),
            ("Hip Pack", 2990),
        ),
    ),
    (
        "tents",
        ("two person tent", "ultralight tent", "tarp"),
        (
            ("Solo One", 24990),
            ("Duo Light", 34990),
            ("Family Dome", 45990),
            ("Tarp Three by Three", 8990),
        ),
    ),
    (
        "kitchen",
        ("camping stove", "titanium mug", "thermos"),
        (
            ("Gas Stove", 5990),
            ("Titanium Mug", 2490),
            ("Cook Set", 6990),
            ("Vacuum Flask", 3490),
            ("Spork", 890),
        ),
    ),
    (
        "accessories",
        ("headlamp", "merino socks", "trekking poles", "water filter"),
        (
            ("Headlamp 400", 4990),
            ("Merino Socks", 1990),
            ("Trekking Poles", 8990),
            ("Dry Bag", 2290),
            ("Water Filter", 3990),
            ("First Aid Kit", 2990),
            ("Gift Card", 5000),
        ),
    ),
)


def _product(category: str, number: int, name: str, cents: int) -> Product:
    slug = name.lower().replace(" ", "-")
    ident = f"{category[:2]}-{number}"
    shows = ((GALLERY, 0.45), (REVIEW_LIST, 0.2))
    if category in {"shoes", "jackets"}:
        shows = (*shows, (SIZE_GUIDE, 0.03))
    return Product(
        ident,
        cents,
        _page(f"/products/{slug}", name, "product", *shows),
        f'{{"product_id":"{ident}","product_name":"{name}","category":"{category}","price":{money(cents)}}}',
    )


def _category(name: str, searches: tuple[str, ...], products: tuple[tuple[str, int], ...]) -> Category:
    return Category(
        _page(
            f"/category/{name}",
            name.capitalize(),
            "catalogue",
            (NAVIGATION, 0.08),
            (PRODUCT_GRID, 0.42),
            (PRODUCT_CARD, 0.12),
        ),
        tuple(_product(name, number, *row) for number, row in enumerate(products, 1)),
        searches,
    )


CATEGORIES = tuple(_category(*shelf) for shelf in _SHELVES)

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

COUPON = '{"coupon":"SUMMER10"}'
CHECKOUT_FAULT = '{"error_message":"Cannot read properties of undefined (reading \'method\')","step":"payment"}'
DECLINED = '{"error_message":"The card was declined","step":"payment"}'
PAYMENT_FAILURE = '{"type":"api_failure","endpoint":"/api/checkout/pay","status":500}'
MISHAPS = (
    ("Gallery", '{"error_message":"Image could not be decoded"}'),
    ("ReviewList", '{"error_message":"Request timed out"}'),
    ("ProductGrid", '{"error_message":"Failed to load chunk 17"}'),
)
FAILURES = (
    '{"type":"api_failure","endpoint":"/api/cart","status":502}',
    '{"type":"api_failure","endpoint":"/api/reviews","status":504}',
    '{"type":"api_failure","endpoint":"/api/search","status":500}',
    '{"type":"not_found","endpoint":"/api/stock","status":404}',
)
