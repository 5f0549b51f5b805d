"""The company of the demo: who works there, what runs always, what runs each season.

Invented throughout. Amounts are in the currency of the team; efficiencies are those of a line
that spends its usual budget on an ordinary day.
"""

from dataclasses import dataclass, field

from demo.market.model import Audience, Segment, Team

COMPANY = "Tarn & Fell"
REPORTING_CURRENCY = "EUR"

TEAMS = (
    Team("dach", "DACH", "Europe", "EUR", ("DE", "AT", "CH"), "Europe/Berlin"),
    Team("uki", "UK & Ireland", "Europe", "GBP", ("GB", "IE"), "Europe/London"),
    Team("na", "North America", "North America", "USD", ("US", "CA"), "America/New_York"),
)
# What an average order is worth in the team's currency, and how traffic splits by market.
ORDER_VALUE = {"dach": 118.0, "uki": 97.0, "na": 126.0}
MARKET_SHARES = {"dach": (0.72, 0.14, 0.14), "uki": (0.86, 0.14), "na": (0.82, 0.18)}
# Device -> share of traffic, conversions per click against the average.
DEVICES = {"mobile": (0.66, 0.82), "desktop": (0.34, 1.35)}

SEGMENTS = tuple(
    Segment(f"{market.lower()}-{device}", device, market)
    for team in TEAMS
    for market in team.markets
    for device in DEVICES
)

AUDIENCES = tuple(
    Audience(f"{team.key}-{key}", team.key, name, definition, int(size * scale))
    for team, scale in zip(TEAMS, (1.0, 0.6, 1.8), strict=True)
    for key, name, definition, size in (
        ("hikers", "Weekend hikers", "Interest in hiking, no purchase in 180 days", 1_840_000),
        (
            "lookalike",
            "Lookalike of best customers",
            "Closest 2 % to customers of 3 orders",
            620_000,
        ),
        (
            "visitors",
            "Visitors without order",
            "On the site in the last 30 days, no order",
            210_000,
        ),
        ("customers", "Customers", "At least one order in two years", 148_000),
    )
)


@dataclass(frozen=True, slots=True)
class ChannelHabits:
    """Price, response and texture of a channel.

    `cpm` in units per 1,000 impressions; `elasticity` of conversions to spend; `carry` of a day's
    effect into the next; `wander` the standard deviation of a marketer's weekly budget nudges;
    `running` creatives at a time.
    """

    name: str
    platform: str
    cpm: float
    ctr: float
    elasticity: float
    carry: float
    wander: float
    running: int
    creatives: tuple[tuple[str, str], ...]


CHANNELS: dict[str, ChannelHabits] = {
    "search": ChannelHabits(
        "Search", "google_ads", 42.0, 0.060, 0.62, 0.10, 0.12, 2,
        (("Shell jackets, benefits first", "Text"), ("Free returns and fit guide", "Text"),
         ("Rated 4.8 by hikers", "Text"), ("Repair for life", "Text")),
    ),
    "shopping": ChannelHabits(
        "Shopping", "google_ads", 5.4, 0.012, 0.68, 0.10, 0.14, 2,
        (("Product set jackets", "Product set"), ("Product set footwear", "Product set"),
         ("Product set base layers", "Product set"), ("Bestsellers of the week", "Product set")),
    ),
    "social": ChannelHabits(
        "Social", "meta_ads", 8.0, 0.013, 0.55, 0.45, 0.16, 3,
        (("Ridge film 15 s", "Video"), ("Storm shell carousel", "Carousel"),
         ("Alpine dawn still", "Image"), ("Hut evening reel", "Video"),
         ("Merino close-up", "Image"), ("Guide's packing list", "Carousel")),
    ),
    "display": ChannelHabits(
        "Display", "google_ads", 2.2, 0.0025, 0.45, 0.50, 0.15, 2,
        (("Peak panorama 970", "Banner"), ("Layer system 300", "Banner"),
         ("Rain test clip", "Video"), ("Trail map 728", "Banner")),
    ),
    "affiliates": ChannelHabits(
        "Affiliates", "affiliate_network", 10.0, 0.020, 0.80, 0.05, 0.10, 2,
        (("Partner text link", "Text"), ("Voucher tile", "Banner"), ("Gear test article", "Article")),
    ),
    "email": ChannelHabits(
        "Email", "mail_platform", 1.5, 0.025, 0.50, 0.20, 0.03, 2,
        (("Weekly field notes", "Newsletter"), ("Basket reminder", "Flow"), ("Care guide", "Flow")),
    ),
    "creators": ChannelHabits(
        "Creators", "creator_ledger", 11.0, 0.009, 0.50, 0.60, 0.25, 2,
        (("Long trail diary", "Video"), ("Three-day pack list", "Video"),
         ("Winter bivouac story", "Story"), ("Fit try-on", "Video")),
    ),
    "retail_media": ChannelHabits(
        "Retail media", "retail_media", 5.0, 0.006, 0.60, 0.15, 0.12, 2,
        (("Sponsored jackets", "Product set"), ("Sponsored boots", "Product set"),
         ("Category banner", "Banner")),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a campaign: channel, usual spend a day, return on it.

    Platform and elasticity are the channel's unless given.
    """

    channel: str
    daily: float
    roas: float
    platform: str = ""
    label: str = ""
    elasticity: float = 0.0


@dataclass(frozen=True, slots=True)
class Always:
    """A campaign that runs all year."""

    key: str
    name: str
    objective: str
    audience: str
    parts: dict[str, tuple[Part, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seasonal:
    """A campaign that comes back every year; month and day of its first and last day."""

    key: str
    name: str
    objective: str
    audience: str
    first: tuple[int, int]
    last: tuple[int, int]
    parts: dict[str, tuple[Part, ...]] = field(default_factory=dict)


ALWAYS = (
    Always("brand-search", "Brand search", "sales", "customers", {
        "dach": (Part("search", 430, 8.8, elasticity=0.35),),
        "uki": (Part("search", 250, 8.2, elasticity=0.35),),
        "na": (Part("search", 360, 7.6, elasticity=0.35),),
    }),
    Always("category-search", "Category search", "sales", "hikers", {
        "dach": (Part("search", 820, 4.3), Part("search", 150, 4.7, "microsoft_ads", "Microsoft")),
        "uki": (Part("search", 500, 4.1),),
        "na": (Part("search", 900, 3.9), Part("search", 190, 4.4, "microsoft_ads", "Microsoft")),
    }),
    Always("shopping-core", "Shopping core range", "sales", "hikers", {
        "dach": (Part("shopping", 1450, 5.6),),
        "uki": (Part("shopping", 800, 4.9),),
        "na": (Part("shopping", 1080, 4.6),),
    }),
    Always("prospecting-video", "Prospecting video", "sales", "lookalike", {
        "dach": (Part("social", 880, 2.9),),
        "uki": (Part("social", 520, 3.0),),
        "na": (Part("social", 800, 2.7),),
    }),
    Always("retargeting", "Retargeting", "sales", "visitors", {
        "dach": (Part("social", 340, 5.2), Part("display", 240, 3.6)),
        "uki": (Part("social", 190, 5.0), Part("display", 120, 3.4)),
        "na": (Part("social", 300, 4.6), Part("display", 190, 3.2)),
    }),
    Always("display-prospecting", "Display prospecting", "awareness", "hikers", {
        "dach": (Part("display", 1150, 3.3),),
        "uki": (Part("display", 260, 2.1),),
    }),
    Always("newsletter", "Newsletter and flows", "retention", "customers", {
        "dach": (Part("email", 115, 17.5),),
        "na": (Part("email", 90, 15.0),),
    }),
    Always("partners", "Partner programme", "sales", "hikers", {
        "dach": (Part("affiliates", 410, 5.4),),
        "uki": (Part("affiliates", 240, 5.1),),
        "na": (Part("affiliates", 340, 4.8),),
    }),
    Always("creators", "Creator seeding", "awareness", "hikers", {
        "dach": (Part("creators", 290, 2.4),),
        "na": (Part("creators", 440, 2.3),),
    }),
    Always("marketplaces", "Marketplace listings", "sales", "visitors", {
        "dach": (Part("retail_media", 400, 3.1),),
        "uki": (Part("retail_media", 200, 2.9),),
        "na": (Part("retail_media", 340, 3.0),),
    }),
)  # fmt: skip

SEASONAL = (
    Seasonal("spring-trails", "Spring trails", "sales", "hikers", (3, 10), (5, 20), {
        "dach": (Part("social", 420, 3.1), Part("shopping", 380, 4.7)),
        "na": (Part("social", 400, 2.9), Part("creators", 220, 2.4)),
    }),
    Seasonal("summer-huts", "Summer hut to hut", "sales", "lookalike", (6, 1), (8, 10), {
        "dach": (Part("social", 360, 3.0), Part("display", 160, 2.4)),
        "uki": (Part("social", 260, 3.1), Part("search", 160, 4.2)),
    }),
    Seasonal("winter-layers", "Winter layers", "sales", "hikers", (10, 5), (12, 31), {
        "dach": (Part("shopping", 620, 4.9), Part("search", 420, 4.4), Part("social", 480, 3.2)),
        "uki": (Part("shopping", 360, 4.6), Part("social", 280, 3.1)),
        "na": (Part("shopping", 520, 4.4), Part("social", 420, 3.0)),
    }),
    Seasonal("black-friday", "Black Friday", "sales", "visitors", (11, 16), (12, 1), {
        "dach": (Part("search", 700, 5.0), Part("social", 900, 4.2)),
        "uki": (Part("search", 420, 4.8), Part("social", 520, 4.0)),
        "na": (Part("search", 760, 4.6), Part("social", 880, 3.9)),
    }),
)  # fmt: skip
