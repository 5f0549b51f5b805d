"""Invented figures for the gallery: enough to see every component at its usual density."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from core import formats
from core.money import Money
from core.parts import (
    ApprovalStep,
    Comment,
    DataStatus,
    Delta,
    Entry,
    Fact,
    Limit,
    Need,
    Part,
    Ranked,
    Step,
    Tab,
    Tile,
)
from core.tables import Column, Table

TODAY = date(2026, 11, 22)
AS_OF = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)


def eur(amount: str | int) -> Money:
    return Money.parse(amount, "EUR")


def status() -> DataStatus:
    return DataStatus(
        as_of=AS_OF,
        complete="11 of 12 sources complete · 97.8 % of expected rows",
        late=["Retail media UK is 1 day late"],
        maturing="18–21 Nov still maturing, about 6 % of revenue to come",
        url="#status",
    )


def tiles() -> list[Tile]:
    good = Delta.of(0.034, formats.percent_signed, up_is_good=True)
    return [
        Tile(
            "Revenue, influenced",
            formats.money(eur(9_840_000)),
            good,
            1.034,
            target="Target to date €9.52M",
            sentence="Email and Shopping beat plan since 9 Nov; Display is €0.15M short.",
        ),
        Tile(
            "Spend",
            formats.money(eur(2_310_000)),
            Delta.of(-0.029, formats.percent_signed, up_is_good=None),
            0.971,
            target="Plan to date €2.38M",
            sentence="Display paused 9–12 Nov while rejected creatives were replaced.",
        ),
        Tile(
            "Return on ad spend",
            formats.ratio(4.26),
            Delta.of(0.26, formats.ratio_signed, up_is_good=True),
            1.065,
            target="Target 4.00×",
            sentence="Shopping at 5.22× carries it; Creators at 2.40× hold it back.",
        ),
        Tile(
            "Contribution after ads",
            formats.money(eur(2_196_000)),
            Delta.of(0.099, formats.percent_signed, up_is_good=True),
            1.099,
            target="Target to date €2.00M",
            sentence="Margin is 45.8 %, 0.2 pt under plan; volume more than covers it.",
        ),
        Tile(
            "Cost per new customer",
            formats.money(eur("41.80")),
            Delta.of(0.086, formats.percent_signed, up_is_good=False),
            1.086,
            tone="bad",
            target="Limit €38.50",
            sentence="Paid social prospecting rose to €63.10, 38 % of all new customers.",
        ),
        Tile(
            "Orders",
            formats.compact(52_640),
            Delta.of(0.011, formats.percent_signed, up_is_good=True),
            1.011,
            target="Target to date 52,070",
            sentence="New customers are 41 % of orders, 1 pt above target.",
        ),
    ]


def small_tiles() -> list[Tile]:
    signed = formats.percent_signed
    return [
        Tile("Orders", "2,468", Delta.of(-0.083, signed, up_is_good=True), 0.917, "bad", "Target 2,690"),
        Tile("CPA", "€28.93", Delta.of(0.026, signed, up_is_good=False), 1.026, "bad", "Limit €28.20"),
        Tile("Revenue", "€384k", Delta.of(0.008, signed, up_is_good=True), 1.008, target="Target €381k"),
        Tile("ROAS", "5.38×", Delta.of(0.36, formats.ratio_signed, up_is_good=True), 1.07, target="Target 5.02×"),
        Tile("New customers", "41 %", Delta.of(0.01, formats.points, up_is_good=None), 1.02, target="Target 40 %"),
        Tile("Return rate", "14.1 %", Delta.of(-0.003, formats.points, up_is_good=False), 0.98, target="Limit 14.4 %"),
    ]  # fmt: skip


class ChannelTable(Table):
    """The channel table of a home page."""

    key = "channels"
    row_id = "key"
    columns = (
        Column("channel", "Channel", kind="channel", sort="name", priority=1),
        Column("spend", "Spend", kind="money", unit="€ k"),
        Column("revenue", "Revenue", kind="money", unit="€ k"),
        Column("roas", "ROAS", kind="ratio"),
        Column("share", "Contribution | plan", kind="bar", tick="plan", sortable=False),
        Column("contribution", "Contribution", kind="money", unit="€ k", strong=True, priority=1),
        Column("delta", "vs plan", kind="delta", sort="difference"),
        Column(
            "days", "Last 14 days", kind="spark", sortable=False, priority=3, default_visible=False
        ),
        Column("owner", "Owner", kind="user", priority=3, default_visible=False),
    )
    search = ("name", "owner")
    default_sort = "-contribution"
    noun = "channels"


CHANNELS = (
    ("shopping", "Shopping", 462, 2410, 642, 124), ("search", "Paid search", 498, 2290, 551, 38),
    ("email", "Email & CRM", 64, 1210, 490, 141), ("affiliates", "Affiliates", 171, 905, 243, 22),
    ("social", "Paid social", 521, 1620, 221, -46), ("retail_media", "Retail media", 130, 375, 42, 8),
    ("creators", "Creators", 196, 470, 19, -18), ("display", "Display & video", 268, 560, -12, -71),
)  # fmt: skip


def channel_rows() -> list[dict[str, object]]:
    return [
        {
            "key": key, "name": name, "channel": (key, name), "spend": eur(spend), "revenue": eur(revenue),
            "roas": Decimal(revenue) / spend, "share": Decimal(result) / 700, "plan": Decimal(result - over) / 700,
            "contribution": eur(result), "difference": over, "owner": "Jonas Weber",
            "delta": Delta.of(over, formats.signed, up_is_good=True),
            "days": [150 + (i * 37 + spend) % 60 for i in range(14)],
        }
        for key, name, spend, revenue, result, over in CHANNELS
    ]  # fmt: skip


class CreativeTable(Table):
    """A table with bulk work, flags and estimates."""

    key = "creatives"
    row_id = "id"
    columns = (
        Column("name", "Creative", kind="link", url="url", sub="kind", priority=1),
        Column("impressions", "Impressions", kind="compact", priority=3),
        Column("ctr", "CTR, shrunk", kind="percent", digits=2),
        Column("ctr_range", "80 % interval", kind="interval", sortable=False, priority=3),
        Column("spend", "Spend", kind="money", digits=0),
        Column("cpa", "CPA", kind="money", strong=True, priority=1),
        Column("flag", "Flag", kind="badge", tone="tone", sortable=False),
    )
    search = ("name",)
    default_sort = "-spend"
    noun = "creatives"


CREATIVES = (
    (1, "Ridge video 15 s", "Video · Social, Shopping", 1_240_000, "0.0186", 18420, "24.60", "", "neutral"),
    (2, "Storm shell carousel", "Carousel · Social", 880_000, "0.0152", 12960, "27.90", "", "neutral"),
    (3, "Layer guide product set", "Product set · Shopping", 410_000, "0.0134", 16300, "27.10", "", "neutral"),
    (4, "Alpine dawn static", "Image · Social", 1_020_000, "0.0094", 9840, "33.70", "Tired, CTR −31 % since 9 Nov", "warn"),
    (5, "Merino close-up", "Image · Shopping", 640_000, "0.0121", 8510, "31.20", "Tired, seen 6.8 times", "warn"),
    (6, "Hut evening reel", "Video · Social", 30_000, "0.0158", 1150, "29.40", "Too new, 62 clicks", "neutral"),
)  # fmt: skip


def creative_rows() -> list[dict[str, object]]:
    return [
        {
            "id": pk, "name": name, "kind": kind, "url": "#creative", "impressions": seen, "ctr": Decimal(ctr),
            "ctr_range": (Decimal(ctr) * 9 / 10, Decimal(ctr), Decimal(ctr) * 11 / 10, Decimal("0.008"), Decimal("0.022")),
            "spend": eur(spend), "cpa": eur(cost), "flag": flag, "tone": tone,
        }
        for pk, name, kind, seen, ctr, spend, cost, flag, tone in CREATIVES
    ]  # fmt: skip


NEEDS = [
    Need("Approve moving €48,000 from Display to Shopping", "#", "file-check", "Jonas Weber · due Mon 12:00, 26 h left", "+€61k", "expected"),
    Need("Decide on Winter Layers DACH: CPA is 21 % over its limit", "#", "alert-triangle", "Mobile checkout release, 17 Nov · open 3 d", "−€168k", "at risk", "bad"),
    Need("Sign the Creators wave 3 contract", "#", "signature", "Offer lapses Tue 24 Nov, 18:00", "$64,000", "committed"),
    Need("December is planned €36k above the envelope", "#", "wallet", "Priya Nair asks for a cut by 25 Nov", "+€36k", "over", "warn"),
    Need("Explain the Display UK shortfall to Finance", "#", "message", "Ben Okafor asked on Fri · draft is ready", "−£96k", "revenue", "neutral"),
]  # fmt: skip
RANKED = [Ranked("Winter Layers DACH, mobile checkout", "€168k", 1), Ranked("Display UK under-delivers by 31 %", "€112k", 0.67), Ranked("Retail media feed misses 214 products", "€74k", 0.44), Ranked("Creators wave 3 contract unsigned", "€58k", 0.35)]  # fmt: skip
PARTS = [Part("helped", 11, "good"), Part("hurt", 3, "bad"), Part("can’t tell", 3)]
STEPS = [Step("Drafted", "done"), Step("Planned", "done"), Step("Approved 28 Oct", "done"), Step("Live, day 20 of 49", "current"), Step("Closing"), Step("Measured")]  # fmt: skip
FACTS = [Fact("Owner", person="Jonas Weber"), Fact("Flight", "2 Nov – 20 Dec 2026"), Fact("Markets", "DE, AT, CH"), Fact("Channels", channels=[("shopping", "Shopping"), ("search", "Search"), ("social", "Social")]), Fact("Goal", "6,600 orders at ≤ €28.20")]  # fmt: skip
ENTRIES = [
    Entry("€210k", text="+€18k", who="You", when="just now", tone="accent", chip="not saved"),
    Entry("€192k", who="Jonas Weber", when="9 Nov", text="+€12k, BR-1031, approved by P. Nair"),
    Entry("€180k", who="Re-forecast F2", when="20 Oct", text="−€8k"),
    Entry("€188k", text="Plan approved, version 1", when="18 Sep"),
]
APPROVAL = [
    ApprovalStep("Jonas Weber asked", "Head of performance", "done", "Sat 16:40"),
    ApprovalStep(
        "Chloé Martin approved", "Owner of Display, gives budget", "done", "Sat 17:12", "after 32 m"
    ),
    ApprovalStep(
        "You, Mara Lindqvist",
        "Marketing director",
        "current",
        "waiting 16 h",
        "needed above €25,000",
    ),
    ApprovalStep("Priya Nair", "Finance", "todo", "not started", "has 12 h once you approve"),
]
LIMITS = [Limit("Weekly growth, Shopping DE", "at most +20 %", 1, binding=True), Limit("Publisher minimum, Display DE", "at least €84,000 until 31 Dec", 0.96, "€4,000 slack"), Limit("Stock cover, winter jackets", "at least 21 days", 0.75, "7 days slack")]  # fmt: skip
COMMENTS = [Comment("Chloé Martin", "Sat 17:10", "Fine for me, but keep €84k in Display DE. The publisher bonus depends on it."), Comment("Priya Nair", "Sat 18:03", "Is the Shopping gain still there after returns?"), Comment("Jonas Weber", "Sat 18:21", "Yes. Margin here is after a 14 % return rate.")]  # fmt: skip
EVIDENCE = [("Data as of", "Sat 21 Nov, 16:00"), ("Completeness", "98.1 % of expected rows"), ("Attribution", "Last touch, 7-day click"), ("Policy", "Budget moves, version 4")]  # fmt: skip
TABS = [
    Tab("Overview", "#", True),
    Tab("Creatives", "#", count=18),
    Tab("Changes", "#", count=6),
    Tab("History", "#"),
]
VIEWS = [Tab("Trend", "#", True, icon="chart-line"), Tab("Bars", "#", icon="chart-bar"), Tab("Table", "#", icon="table")]  # fmt: skip
