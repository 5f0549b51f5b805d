"""An invented monthly performance review and an invented table, as a screen would show it."""

from __future__ import annotations

from reporting.rules.pack.content import Headline, OpenPoint, ReviewContent, Signature
from reporting.rules.pack.figures import Name, When, say
from reporting.rules.pack.judgement import Judgement
from reporting.rules.pack.sheet import TableColumn, TableSheet
from tests.reporting.pack_sample import AS_OF, imprint, new_book
from tests.reporting.pack_sample_follow_up import decisions, targets


def review_content(hostile: str = "") -> ReviewContent:
    """Targets, decisions, three open points, three signatures."""
    book = new_book()
    for unused in ("a1", "r1", "r2", "r6", "r7", "e1", "e6", "n1", "n2", "k2", "k3"):
        book._provenance.pop(unused)
    tree = targets(book, hostile)
    log = decisions(book, hostile)
    book.source(
        "o1",
        "Days left to the deadline",
        formula="deadline − day of the review",
        filters="open points",
        batches=("L-0420",),
        query="reviews.points",
    )
    days = book.count("days", 9, label="Days to the video decision", footnote="o1", unit="days")
    points = (
        OpenPoint(
            Name(hostile or "Decide on the Eurozone video test"),
            say(
                "{days} days are left; the range still holds zero, so the test is stopped unless it moves.",
                days=days,
            ),
            Name(hostile or "S. Marchetti"),
            When("30 Nov 2026"),
            Judgement.CANNOT_TELL,
        ),
        OpenPoint(
            Name(hostile or "Bring new customers back to pace"),
            ("Prospecting in the Eurozone was cut most; propose where the money returns.",),
            Name(hostile or "A. Osei"),
            When("13 Nov 2026"),
            Judgement.BEHIND,
        ),
        OpenPoint(
            Name(hostile or "Write down what the October creative refresh taught us"),
            (),
            Name(hostile or "R. Haddad"),
            When("20 Nov 2026"),
        ),
    )
    signatures = (
        Signature("Marketing", Name(hostile or "L. Brandt"), When("Signed 9 Nov 2026, 14:10 UTC")),
        Signature("Finance", Name(hostile or "I. Okafor"), When("")),
        Signature("Director", Name(hostile or "J. Lindqvist"), When("")),
    )
    headline = Headline(
        "Open points and sign-off",
        ("Three points stay open; one of them needs a decision this month",),
        ("What is left to do, whose it is and until when, then who has signed this review.",),
    )
    return ReviewContent(
        imprint=imprint(document="Performance review", classification="Internal"),
        targets=tree,
        decisions=log,
        points_headline=headline,
        open_points=points,
        signatures=signatures,
        figures=book.figures,
        provenance=book.provenance,
    )


def table_sheet(
    rows: int = 60, *, hostile: str = "", extra_columns: int = 0, filters: bool = True
) -> TableSheet:
    """The campaign list as a screen shows it, ``extra_columns`` wider if asked."""
    columns = (
        TableColumn("Campaign"),
        TableColumn("Owner"),
        TableColumn("State"),
        TableColumn("Spend, €", numeric=True),
        TableColumn("Revenue, €", numeric=True),
        TableColumn("Return", numeric=True),
        TableColumn("vs target", numeric=True),
        *(TableColumn(f"Measure {number}", numeric=True) for number in range(extra_columns)),
    )
    names = ("Winter jackets, prospecting", "Brand search", "Lapsed buyers, twice a week")
    body = tuple(
        (
            hostile or f"{names[number % 3]} {number + 1}",
            hostile or ("L. Brandt", "S. Marchetti", "A. Osei")[number % 3],
            ("Live", "Paused", "In approval")[number % 3],
            f"{84_216 + number * 1371:,}.40",
            f"{190_020 + number * 4127:,}.15",
            f"{2.26 + number / 40:.2f}",
            f"{'−' if number % 2 else '+'}{number % 30}.4\u202f%",
            *(f"{number * 17 + column:,}" for column in range(extra_columns)),
        )
        for number in range(rows)
    )
    return TableSheet(
        title="Campaigns of October by spend",
        subtitle="Spend and attributed revenue in EUR, October 2026",
        filters=("Channel is Paid search or Paid social", hostile or "Owner’s team is Growth")
        if filters
        else (),
        as_of=AS_OF,
        columns=columns,
        rows=body,
        totals=(
            "Total",
            "",
            "",
            "7,479,374.00",
            "18,706,029.00",
            "2.50",
            "",
            *[""] * extra_columns,
        ),
        organisation=hostile or "Halden & Birch Outdoor",
        classification="Internal",
        currency="EUR",
    )
