"""The one query: what a person asks and what comes back."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import Invalid, NotAllowed
from core.models import Organisation
from core.money import Money
from core.periods import FiscalCalendar, Period
from metrics.selectors import query
from metrics.services import segment_ensure
from tests.cast import Cast
from tests.world import KNOWN, TODAY, load_days, load_rows, load_steady, make_campaign, make_line

OCTOBER = FiscalCalendar().parse("2026-10", today=TODAY)
AUTUMN = FiscalCalendar().parse("2026-09..2026-11", today=TODAY)


@pytest.mark.feature("1.12")
def test_the_ratio_of_a_group_is_the_ratio_of_sums(cast: Cast) -> None:
    small, large = make_line(cast), make_line(cast)
    load_days(small, {"2026-10-01": {"spend": "10", "revenue": "100"}})
    load_days(large, {"2026-10-01": {"spend": "90", "revenue": "100"}})
    found = query(metrics=["roas"], by=["line"], period=OCTOBER, viewer=None)
    assert [row["roas"] for row in found.rows] == [Decimal(10), Decimal(100) / 90]
    assert found.totals["roas"] == 2


def test_totals_cover_all_rows_although_few_are_shown(cast: Cast) -> None:
    for clicks in (5, 7, 11):
        load_days(make_line(cast), {"2026-10-01": {"clicks": clicks}})
    found = query(metrics=["clicks"], by=["line"], period=OCTOBER, viewer=None, limit=1)
    assert [row["clicks"] for row in found.rows] == [11]
    assert (found.row_count, found.totals["clicks"]) == (3, 23)


def test_rows_carry_keys_names_and_units(cast: Cast) -> None:
    campaign = make_campaign(cast, "Winter Layers")
    line = make_line(cast, campaign, channel="email", name="Newsletter")
    load_days(line, {"2026-10-05": {"spend": "12.5", "conversions": "2.5", "clicks": 4}})
    found = query(
        metrics=["spend", "conversions", "cvr", "cpa"],
        by=["campaign", "channel", "owner", "objective", "month"],
        period=OCTOBER,
        viewer=None,
    )
    (row,) = found.rows
    assert row["campaign"] == campaign.pk
    assert row["campaign_label"] == "Winter Layers"
    assert (row["channel_key"], row["channel_label"]) == ("email", line.channel.name)
    assert row["owner_label"] == "Jonas Weber"
    assert row["objective_label"] == "Sales"
    assert (row["month"], row["month_label"]) == ("2026-10", "Oct 2026")
    assert row["month_start"] == date(2026, 10, 1)
    assert found.value("spend", row) == Money(12_500_000, "EUR")
    assert found.value("conversions", row) == Decimal("2.5")
    assert found.value("cvr", row) == Decimal("0.625")
    assert found.value("cpa", found.totals) == Money(5_000_000, "EUR")
    spend = found.columns[-4]
    assert (spend.label, spend.unit, spend.direction, spend.in_micros) == (
        "Spend",
        "money",
        "none",
        True,
    )


def test_without_data_there_are_no_rows_and_no_zeros(cast: Cast) -> None:
    make_line(cast)
    found = query(metrics=["spend", "roas"], by=["month"], period=OCTOBER, viewer=None)
    assert found.rows == []
    assert found.totals == {"spend": None, "roas": None}
    assert (found.first_day, found.known_at, found.batches) == (None, None, [])


def test_it_says_which_imports_it_rests_on_and_until_when(cast: Cast) -> None:
    first, other = make_line(cast), make_line(cast)
    load_steady(first, "2026-10-03", 5, clicks=1)
    load_steady(other, "2026-10-03", 9, clicks=1)
    found = query(metrics=["clicks"], period=OCTOBER, where={"line": first.pk}, viewer=None)
    assert [batch.label for batch in found.batches] == ["test.csv"]
    assert found.known_at == found.as_of == KNOWN
    assert (found.first_day, found.last_day) == (date(2026, 10, 3), date(2026, 10, 7))


def test_filters_by_number_name_and_several(cast: Cast) -> None:
    winter = make_line(cast, make_campaign(cast, "Winter"), channel="email")
    summer = make_line(cast, make_campaign(cast, "Summer"), channel="search")
    load_days(winter, {"2026-10-01": {"clicks": 3}})
    load_days(summer, {"2026-10-01": {"clicks": 4}})

    def clicks(**where: object) -> object:
        return query(metrics=["clicks"], where=where, period=OCTOBER, viewer=None).totals["clicks"]

    assert clicks(campaign="winter") == 3
    assert clicks(campaign=summer.campaign_id) == 4
    assert clicks(campaign=[winter.campaign_id, "Summer"]) == 7
    assert clicks(channel="email") == 3
    assert clicks(channel=["email", "search"]) == 7
    assert clicks(team="Europe") == 7
    assert clicks(team=cast.uk.pk) is None
    assert clicks(owner="jonas@tarnfell.test", objective="Sales", currency="eur") == 7
    with pytest.raises(Invalid, match="“Autumn” is not a campaign"):
        clicks(campaign="Autumn")


def test_creatives_and_segments(cast: Cast) -> None:
    line = make_line(cast)
    mobile, desktop = segment_ensure(
        [{"device": "mobile", "place": "a"}, {"device": "desktop", "place": "a"}]
    )
    load_rows(
        [
            {"line": line, "day": "2026-10-01", "segment_id": mobile, "clicks": 5},
            {"line": line, "day": "2026-10-01", "segment_id": desktop, "clicks": 6},
            {"line": line, "day": "2026-10-02", "creative_id": 77, "clicks": 7},
        ]
    )

    def split(*by: str, **where: object) -> dict[object, int]:
        found = query(metrics=["clicks"], by=by, where=where, period=OCTOBER, viewer=None)
        return {row[f"{by[0]}_label"]: row["clicks"] for row in found.rows}

    assert split("segment:device") == {"mobile": 5, "desktop": 6, "Not split": 7}
    assert split("segment:place") == {"a": 11, "Not split": 7}
    assert split("creative") == {"77": 7, "Not split": 11}
    assert split("channel", **{"segment:device": "mobile"}) == {"Search": 5}
    assert split("source", **{"segment:device": ["mobile", "desktop"]}) == {"Source 0": 11}


@pytest.mark.feature("1.12")
def test_fiscal_months_and_quarters_follow_the_books(cast: Cast) -> None:
    Organisation.objects.update_or_create(
        pk=1, defaults={"fiscal_start_month": 2, "fiscal_pattern": "445"}
    )
    calendar = Organisation.current().calendar
    asked = calendar.year(2026)
    load_steady(make_line(cast), asked.start, asked.days, clicks=1)
    for grain, periods in (
        ("month", calendar.months(2026)),
        ("quarter", calendar.quarters(2026)),
    ):
        found = query(metrics=["clicks"], by=[grain], period=asked, viewer=None)
        expected = [(period.key, period.days) for period in periods]
        assert [(row[grain], row["clicks"]) for row in found.rows] == expected


def test_a_bucket_that_was_cut_says_so(cast: Cast) -> None:
    line = make_line(cast)
    load_steady(line, "2026-09-01", 70, clicks=1)
    asked = Period("x", date(2026, 9, 15), date(2026, 10, 31))
    found = query(metrics=["clicks"], by=["month"], period=asked, viewer=None)
    assert [(row["month"], row["clicks"], row["month_is_cut"]) for row in found.rows] == [
        ("2026-09", 16, True),
        ("2026-10", 31, False),
    ]


def test_comparison_with_the_period_before_aligns_days(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-09-02": {"clicks": 10}, "2026-10-02": {"clicks": 15}})
    found = query(metrics=["clicks"], by=["day"], period=OCTOBER, compare="previous", viewer=None)
    assert found.compared is not None
    assert found.compared.key == "2026-09"
    (row,) = found.rows
    assert (row["clicks"], row["clicks_before"], row["clicks_change"]) == (15, 10, Decimal("0.5"))
    assert found.totals["clicks_change"] == Decimal("0.5")


def test_order_and_its_ties(cast: Cast) -> None:
    names = {}
    for name, clicks in (("Beta", 5), ("alpha", 5), ("Gamma", None)):
        line = make_line(cast, name=name)
        names[line.pk] = name
        load_days(line, {"2026-10-01": {"clicks": clicks, "impressions": 1}})

    def order(by: str) -> list[str]:
        found = query(metrics=["clicks"], by=["line"], period=OCTOBER, order=by, viewer=None)
        return [row["line_label"] for row in found.rows]

    assert order("line") == ["alpha", "Beta", "Gamma"]
    assert order("-line") == ["Gamma", "Beta", "alpha"]
    assert order("clicks")[-1] == order("-clicks")[-1] == "Gamma"
    with pytest.raises(Invalid, match="ordered by “spend”"):
        order("spend")


def test_what_cannot_be_asked_is_refused_with_a_sentence(cast: Cast) -> None:
    for metrics, by in ((["roi"], []), ([], []), (["clicks"], ["weather"])):
        with pytest.raises(Invalid):
            query(metrics=metrics, by=by, period=OCTOBER, viewer=None)
    with pytest.raises(Invalid, match="chosen by the period"):
        query(metrics=["clicks"], where={"day": "2026-10-01"}, period=OCTOBER, viewer=None)


@pytest.mark.feature("9.6")
def test_one_team_never_sees_another(cast: Cast) -> None:
    ours = make_line(cast)
    theirs = make_line(cast, team=cast.us, owner=cast.other_manager, name="Theirs")
    load_days(ours, {"2026-10-01": {"clicks": 3}})
    load_days(theirs, {"2026-10-01": {"clicks": 100}})
    for by in ([], ["channel"], ["team"], ["line"], ["creative"], ["segment"]):
        for viewer, clicks in (
            (cast.manager, 3),
            (cast.director, 3),
            (cast.other_manager, 100),
            (cast.executive, 103),
            (cast.nobody, None),
        ):
            found = query(metrics=["clicks"], by=by, period=OCTOBER, viewer=viewer)
            assert found.totals["clicks"] == clicks
    sneaky = query(
        metrics=["clicks"], where={"line": theirs.pk}, period=OCTOBER, viewer=cast.manager
    )
    assert sneaky.totals["clicks"] is None
    assert sneaky.batches == []
    with pytest.raises(Invalid, match="“Theirs” is not a line"):
        query(metrics=["clicks"], where={"line": "Theirs"}, period=OCTOBER, viewer=cast.manager)


@pytest.mark.feature("9.6")
def test_amounts_are_refused_to_those_who_must_not_see_money(cast: Cast) -> None:
    load_days(make_line(cast), {"2026-10-01": {"clicks": 4, "spend": "2", "revenue": "6"}})
    for metric in ("spend", "revenue", "cpc"):
        with pytest.raises(NotAllowed, match="does not see amounts"):
            query(metrics=["clicks", metric], period=OCTOBER, viewer=cast.admin)
    found = query(metrics=["clicks", "roas"], period=OCTOBER, viewer=cast.admin)
    assert found.totals == {"clicks": 4, "roas": 3}
