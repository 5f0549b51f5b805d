"""An invented company's board pack for October 2026, composed the way a service does it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from core.money import MICROS
from reporting.rules.pack.book import FigureBook
from reporting.rules.pack.content import (
    Ask,
    Change,
    ChannelRow,
    ChannelsPage,
    Completeness,
    Contribution,
    CoverArt,
    Fact,
    Headline,
    Imprint,
    MetricRow,
    Note,
    PackContent,
    PackPage,
    PeriodBar,
    ScorecardPage,
    SourceDays,
    Stream,
    TrendPage,
)
from reporting.rules.pack.figures import Name, Ref, Sentence, When, say
from reporting.rules.pack.judgement import Judgement
from reporting.rules.pack.numerals import parts_that_add_up
from tests.reporting.pack_sample_follow_up import follow_up_pages

AS_OF = datetime(2026, 11, 6, 6, 0, tzinfo=UTC)
THOUSAND = 1000 * MICROS
MONTHS = ("Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan")
REVENUE_K = (3620, 3980, 4410, 4860, 5020, 4770, 4690, 5080, 5710)
TARGET_K = (3700, 3990, 4415, 4850, 4990, 4850, 4790, 5000, 5415, 7230, 8420, 4500)
CHANNELS = (  # name, spend, revenue, revenue a year before, return targeted (all in thousands but the last)
    ("Paid search", 268, 1412, 1356, Fraction(52, 10)),
    ("Shopping ads", 214, 1038, 893, Fraction(46, 10)),
    ("Email & CRM", 61, 986, 818, Fraction(150, 10)),
    ("Paid social", 246, 742, 772, Fraction(36, 10)),
    ("Retail media", 118, 561, 455, Fraction(44, 10)),
    ("Affiliates", 72, 448, 423, Fraction(60, 10)),
    ("Video", 104, 301, 270, Fraction(28, 10)),
    ("Events", 77, 222, 243, Fraction(31, 10)),
)
GOOD, BAD = Judgement.AHEAD, Judgement.BEHIND


def imprint(**changes: object) -> Imprint:
    """The running lines of the sample document."""
    fields: dict[str, object] = {
        "organisation": "Halden & Birch Outdoor",
        "document": "Board pack",
        "period": "October 2026",
        "period_note": "FY27 month 9 of 12",
        "classification": "Board confidential",
        "as_of": AS_OF,
        "currency": "GBP",
    }
    return Imprint(**{**fields, **changes})  # type: ignore[arg-type]


def new_book() -> FigureBook:
    """A book with the footnotes most pages share."""
    book = FigureBook(currency="GBP", as_of=AS_OF)
    rows = (
        ("a1", "Completeness of data", "source days received ÷ source days due", "October; 14 sources", "sources.days"),
        ("r1", "Attributed revenue", "Σ revenue of facts, returns booked to the order month", "October; all lines", "revenue"),
        ("r2", "Revenue goal", "targets of tier board, phased by month", "FY27", "targets"),
        ("r6", "Gap to goal, year to date", "Σ r1 − Σ r2, February to October", "FY27 to date", "revenue, targets"),
        ("r7", "Revenue by channel", "Σ r1 grouped by channel", "October; 8 channels", "revenue by channel"),
        ("e1", "Revenue per £1 of spend", "r1 ÷ e6", "October", "roas"),
        ("e6", "Media spend", "Σ spend of facts at the day's rate", "October; 3 currencies", "spend by channel"),
        ("n1", "New customers", "first orders without an earlier match", "October; all regions", "new_customers"),
        ("n2", "Cost per new customer", "e6 ÷ n1", "October", "cost_per_new_customer"),
        ("k2", "Monthly target", "target of the measure for the month", "October", "targets"),
        ("k3", "Change", "value ÷ comparison − 1; points for shares", "October", "as the figure"),
    )  # fmt: skip
    for number, (key, name, formula, filters, query) in enumerate(rows):
        book.source(
            key,
            name,
            formula=formula,
            filters=filters,
            batches=(f"B-{2290 + number}", "B-2304"),
            query=query,
        )
    return book


def pack_content(*, hostile: str = "", with_follow_up: bool = True) -> PackContent:
    """The whole pack. ``hostile`` replaces names that people type."""
    book = new_book()
    pages: list[PackPage] = [scorecard(book), trend(book, hostile), channels(book, hostile)]
    if with_follow_up:
        pages += follow_up_pages(book, hostile)
    cover = cover_parts(book, hostile)
    return PackContent(
        imprint=imprint(organisation=hostile) if hostile else imprint(),
        pages=tuple(pages),
        figures=book.figures,
        provenance=book.provenance,
        **cover,  # type: ignore[arg-type]
    )


def cover_parts(book: FigureBook, hostile: str = "") -> dict[str, object]:
    complete = book.percent(
        "completeness",
        Fraction(4289, 4340),
        label="Completeness of data, October 2026",
        footnote="a1",
    )
    names = [hostile or name for name, *_ in CHANNELS]
    sources = tuple(SourceDays(f"Source {n}", 31, 26 if n == 13 else 31) for n in range(14))
    return {
        "verdict": say(
            "October closed the third quarter {gap} ahead of the goal to date. "
            "New customers cost {change} each, {target} was planned.",
            gap=Ref("gap", strong=True),
            change=Ref("cpa"),
            target=Ref("cpa.target"),
        ),
        "facts": (
            Fact("Period", (When("1–31 October 2026"),), (When("FY27 month 9; closes Q3 (Aug–Oct). Year ends 31 January 2027."),)),
            Fact("Scope", ("All brands and regions",), ("United Kingdom, Eurozone, United States. Wholesale excluded.",)),
            Fact("Currency", ("Reported in GBP",), (When("EUR 0.8632, USD 0.7530, average to 31 October."),)),
            Fact("Classification", ("Board confidential",), ("For directors and the secretary. Do not forward.",)),
            Fact("As of", (When("6 Nov 2026, 06:00 UTC"),), ("Later imports are not in this pack; they will show as restated.",)),
        ),
        "completeness": Completeness(
            sources,
            say("{share} of source days", share=complete),
            say("All sources complete but {name}, which lacks {days}.", name=Name(hostile or "US retail media"), days=When("27–31 Oct")),
        ),
        "status": Fact("Prepared and approved", (When("Final, version 1"),), (Name(hostile or "Finance: I. Okafor. Marketing: L. Brandt."),)),
        "art": CoverArt(
            tuple(Stream(name, _weeks(index)) for index, name in reversed(list(enumerate(names)))),
            MONTHS[:9],
            ("Weekly attributed revenue by channel, February to October; heights compressed",),
        ),
    }  # fmt: skip


def _weeks(index: int) -> tuple[float, ...]:
    """Thirty-eight weeks with a season, a slow wave and the bursts of mailings and events."""
    base = CHANNELS[index][2] / 4
    summer = (0, 1, 3, 6, 10, 14, 19, 25, 31, 36, 40, 43, 45, 46, 46, 45, 44, 43, 42, 41)
    weeks = []
    for week in range(38):
        season = summer[min(week, 19)] / 100 + (week - 20) / 140 * (week > 20)
        wave = ((week * (index * 2 + 3)) % 11) / 90
        burst = (
            1.4
            if index == 2 and week % 4 == 1
            else 2.6
            if index == 7 and week in (12, 13, 30, 31, 32)
            else 0
        )
        weeks.append(base * (0.4 + season + wave + burst))
    return tuple(weeks)


def scorecard(book: FigureBook) -> ScorecardPage:
    revenue = book.money(
        "revenue", 5710 * THOUSAND, label="Attributed revenue, October 2026", footnote="r1"
    )
    rows = (
        MetricRow(
            "Attributed revenue",
            ("Email and shopping drove the rise; US retail media is partly estimated.",),
            revenue,
            book.money("revenue.target", 5415 * THOUSAND, label="Target of attributed revenue", footnote="k2"),
            _change(book, "revenue", Fraction(5710, 5415) - 1, GOOD),
            _last_year(book, "revenue", Fraction(92, 1000)),
            (4820, 6100, 6900, 3900, *REVENUE_K), 5415,
        ),
        MetricRow(
            "Revenue per £1 of spend",
            ("Above target for the third month running, after the social budget was cut.",),
            book.ratio("roas", Fraction(5710, 1160), label="Revenue per £1 of spend, October 2026", footnote="e1"),
            book.ratio("roas.target", Fraction(480, 100), label="Target of revenue per £1", footnote="k2"),
            _change(book, "roas", Fraction(25, 1000), GOOD),
            _last_year(book, "roas", Fraction(45, 1000)),
            (4.7, 5.3, 5.5, 4.1, 4.3, 4.4, 4.5, 4.6, 4.7, 4.65, 4.8, 4.85, 4.92), 4.8,
        ),
        MetricRow(
            "Media spend",
            ("Under plan because Events moved a launch into November.",),
            book.money("spend", 1160 * THOUSAND, label="Media spend, October 2026", footnote="e6"),
            book.money("spend.target", 1180 * THOUSAND, label="Planned media spend", footnote="k2"),
            _change(book, "spend", Fraction(-17, 1000), GOOD, "under plan"),
            _last_year(book, "spend", Fraction(30, 1000)),
            (980, 980, 990, 985, 1090, 1100, 1095, 1110, 1130, 1105, 1120, 1150, 1160), 1180,
            ends_group=True,
        ),
        MetricRow(
            "New customers",
            ("Growth slowed in the Eurozone, where prospecting was cut most.",),
            book.count("new", 18420, label="New customers, October 2026", footnote="n1", unit="customers"),
            book.count("new.target", 19000, label="Target of new customers", footnote="k2", unit="customers"),
            _change(book, "new", Fraction(-31, 1000), BAD),
            _last_year(book, "new", Fraction(24, 1000)),
            (17900, 19900, 21000, 16500, 16300, 16800, 17100, 17500, 17600, 17700, 17650, 18100, 18420), 19000,
        ),
        MetricRow(
            "Cost per new customer",
            ("Lower is better. Auction prices in paid search rose again.",),
            book.money("cpa", 41_300_000, label="Cost per new customer, October 2026", footnote="n2"),
            book.money("cpa.target", 40_000_000, label="Target of cost per new customer", footnote="k2"),
            _change(book, "cpa", Fraction(33, 1000), BAD),
            _last_year(book, "cpa", Fraction(51, 1000)),
            (39.3, 38.8, 38.1, 40.1, 40.0, 39.6, 39.5, 39.2, 39.8, 40.4, 40.7, 41.0, 41.3), 40.0,
        ),
    )  # fmt: skip
    return ScorecardPage(
        Headline(
            "The month on one page",
            ("Revenue and return are ahead; new customers cost more than planned",),
            say("October against target and {year}, then the course of thirteen months. Known as of the moment in the footer.", year=When("October 2025")),
        ),
        When("October"), When("Oct 2025"), When("Oct 2025 – Oct 2026"), rows,
        "Three decisions needed from the board", asks(book),
    )  # fmt: skip


def asks(book: FigureBook) -> tuple[Ask, ...]:
    book.source(
        "q1",
        "Reserve asked for",
        formula="sum of the requests in approval",
        filters="FY27",
        batches=("L-0417",),
        query="requests",
    )
    reserve = book.money("ask.reserve", 180 * THOUSAND, label="Reserve to release", footnote="q1")
    video = book.money(
        "ask.video", 62 * THOUSAND, label="Rest of the video test budget", footnote="q1"
    )
    events = book.money("ask.events", 25 * THOUSAND, label="Overspend in Events", footnote="q1")
    return (
        Ask(say("Release {money} of the reserve to shopping and retail media.", money=reserve), ("Both still return more than the target on the last pound.",), Name("L. Brandt"), When("by 13 Nov")),
        Ask(say("Stop the Eurozone video test on {day} unless it helps.", day=When("30 November")), say("Frees {money}; so far we cannot tell.", money=video), Name("S. Marchetti"), When("by 30 Nov")),
        Ask(say("Accept a {money} overspend in Events, or cancel the trail weekend.", money=events), ("Cancelling loses the winter sign-ups.",), Name("J. Lindqvist"), When("by 20 Nov")),
    )  # fmt: skip


def _change(
    book: FigureBook, key: str, share: Fraction, judgement: Judgement, word: str = ""
) -> Change:
    ref = book.change(
        f"{key}.vs_target", share, label=f"{key}: change against target", footnote="k3"
    )
    return Change(ref, judgement, word or judgement.value)


def _last_year(book: FigureBook, key: str, share: Fraction) -> Ref:
    return book.change(
        f"{key}.vs_year", share, label=f"{key}: change against October 2025", footnote="k3"
    )


def trend(book: FigureBook, hostile: str = "") -> TrendPage:
    gap = book.money("gap", 140 * THOUSAND, label="Ahead of the goal, year to date", footnote="r6")
    signed = book.money_change(
        "gap.signed", 140 * THOUSAND, label="Gap to goal, year to date", footnote="r6"
    )
    gaps = [sum(REVENUE_K[: n + 1]) - sum(TARGET_K[: n + 1]) for n in range(9)]
    periods = tuple(
        PeriodBar(
            month,
            _month(book, n) if n < 9 else None,
            TARGET_K[n] / 1000,
            gaps[n] / 1000 if n < 9 else None,
        )
        for n, month in enumerate(MONTHS)
    )
    goal = book.money("goal", sum(TARGET_K) * THOUSAND, label="Revenue goal FY27", footnote="r2")
    revenue = book.money(
        "revenue", 5710 * THOUSAND, label="Attributed revenue, October 2026", footnote="r1"
    )
    return TrendPage(
        Headline(
            "Revenue and the goal",
            say("October’s {revenue} puts the year {gap} ahead of its goal to date", revenue=revenue, gap=gap),
            say("Revenue attributed to marketing, £m, {span}. Months to come show their target only; no forecast is made.", span=When("February 2026 to January 2027")),
        ),
        ("Each month",), ("£m; line = target",), periods,
        ("Ahead of or behind the goal, cumulative",), ("£m",),
        say("{gap} in October", gap=signed),
        say("Goal: {goal} for the year", goal=goal),
        say("Where October’s {revenue} came from", revenue=revenue),
        ("£k. Darker: grew fastest.",), ("vs ", When("Oct 2025")),
        tuple(_part(book, row, hostile) for row in CHANNELS),
        ("Attributed by the last click of the platforms themselves, as imported.",),
    )  # fmt: skip


def _month(book: FigureBook, n: int) -> Ref:
    value = Decimal(REVENUE_K[n]) / 1000
    label = f"Revenue, {MONTHS[n]}, £m"
    return book.figure(
        f"month.{n}", f"{value:.2f}", label=label, footnote="r1", value=value, unit="GBP million"
    )


def _part(book: FigureBook, row: tuple[str, int, int, int, Fraction], hostile: str) -> Contribution:
    name, _, revenue, before, _ = row
    growth = Fraction(revenue, before) - 1
    value = book.thousands(
        f"channel.{name}.revenue", revenue * THOUSAND, label=f"Revenue, {name}, £k", footnote="r7"
    )
    change = book.change(
        f"channel.{name}.vs_year", growth, label=f"Revenue change, {name}", footnote="k3"
    )
    tone = GOOD if growth > Fraction(15, 100) else BAD if growth < 0 else Judgement.NEUTRAL
    return Contribution(Name(hostile or name), value, change, tone)


def channels(book: FigureBook, hostile: str = "") -> ChannelsPage:
    rows = tuple(channel_row(book, row, hostile) for row in CHANNELS)
    printed = parts_that_add_up([row[1] * THOUSAND for row in CHANNELS], THOUSAND)
    total = ChannelRow(
        Name("All channels"),
        book.thousands(
            "spend.total",
            sum(printed) * THOUSAND,
            label="Media spend, all channels, £k",
            footnote="e6",
        ),
        book.thousands(
            "revenue.total", 5710 * THOUSAND, label="Revenue, all channels, £k", footnote="r7"
        ),
        book.ratio(
            "ratio.total", Fraction(5710, 1160), label="Return, all channels", footnote="e1"
        ),
        Change(Ref("roas.vs_target"), GOOD, "ahead"),
        book.ratio(
            "cost.total",
            Fraction(1160_000, 5710 * 9),
            label="Cost per order, all channels",
            footnote="n2",
        ),
        Ref("revenue.vs_year"),
        (4.1, 4.3, 4.4, 4.5, 4.6, 4.7, 4.65, 4.8, 4.92),
    )
    note: Sentence = say(
        "Email returns most but reaches the same buyers each time. Paid social is below target for the fourth month; "
        "the request to move {money} out of it is decision one.",
        money=Ref("ask.reserve"),
    )
    return ChannelsPage(
        Headline("Channels", ("Shopping and retail media earn above target; paid social and events do not",),
                 say("Spend and attributed revenue of October, £k, and revenue per £{one} of spend against its target.", one=When("1"))),
        total, rows, ("Return",), ("Cost per order, £",), When("Oct 2025"), When("Feb – Oct"),
        (Note("What this means", note), Note("How to read it", ("Bars start at zero and share one scale. A disc is ahead of target, a diamond behind.",))),
        ("£k",),
    )  # fmt: skip


def channel_row(
    book: FigureBook, row: tuple[str, int, int, int, Fraction], hostile: str
) -> ChannelRow:
    name, spend, revenue, before, target = row
    ratio = Fraction(revenue, spend)
    against = ratio / target - 1
    key = f"channel.{name}"
    return ChannelRow(
        Name(hostile or name),
        book.thousands(
            f"{key}.spend", spend * THOUSAND, label=f"Media spend, {name}, £k", footnote="e6"
        ),
        book.thousands(
            f"{key}.revenue", revenue * THOUSAND, label=f"Revenue, {name}, £k", footnote="r7"
        ),
        book.ratio(f"{key}.ratio", ratio, label=f"Return, {name}", footnote="e1"),
        _change(book, key, against, GOOD if against >= 0 else BAD),
        book.ratio(
            f"{key}.cost",
            Fraction(spend * 1000, revenue * 9),
            label=f"Cost per order, {name}",
            footnote="n2",
        ),
        book.change(
            f"{key}.vs_year",
            Fraction(revenue, before) - 1,
            label=f"Revenue change, {name}",
            footnote="k3",
        ),
        _course(float(ratio), float(against), spend),
    )


def _course(ratio: float, against: float, seed: int) -> tuple[float, ...]:
    """Nine months that end at ``ratio`` and moved towards or away from the target."""
    before = [ratio * (1 + against * (n - 8) / 5 + ((n * 5 + seed) % 4) / 60) for n in range(8)]
    return (*before, ratio)
