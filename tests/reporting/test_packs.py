"""The board pack of real data: its totals are the query's, every figure has its footnote, it never changes."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.models import Team
from budgets.models import FxRate
from core.errors import NotAllowed, TooThin
from core.models import Event, Organisation
from core.money import MICROS
from core.periods import Period
from insights.models import Finding
from metrics.models import Target
from metrics.selectors import query
from reporting import services
from reporting.models import Report
from reporting.rules.pack.checks import digest
from reporting.rules.pack.content import BudgetPage, ChannelsPage, PackContent
from reporting.rules.pack.figures import Figure
from reporting.rules.pack.frozen import freeze, thaw
from tests.budgets.world import NOV, World, create_world
from tests.cast import Cast
from tests.reporting.pdf_reading import text_of
from tests.reporting.story import Story, create_story
from tests.world import AT, KNOWN, TODAY, load_days, make_line

pytestmark = pytest.mark.usefixtures("pack_fonts")


@pytest.fixture
def story(cast: Cast) -> Story:
    return create_story(cast)


def period(text: str = "2026-10") -> Period:
    return Organisation.current().calendar.parse(text, today=TODAY)


def pack(team: Team, text: str = "2026-10", **more: Any) -> Report:
    return services.board_pack(team=team, period=period(text), **{"at": AT, **more})


def content_of(report: Report) -> PackContent:
    found = thaw(report.content)
    assert isinstance(found, PackContent)
    return found


def figures(report: Report) -> dict[str, Figure]:
    return {figure.id: figure for figure in content_of(report).figures}


@pytest.mark.feature("12.4")
@pytest.mark.parametrize("text", ["2026-10", "2026-Q3", "FY2026"])
def test_the_totals_are_those_of_the_query(cast: Cast, story: Story, text: str) -> None:
    found = figures(pack(cast.company, text))
    metrics = ["revenue", "spend", "conversions", "roas", "cpa", "clicks", "ctr"]
    answer = query(metrics=metrics, period=period(text), viewer=None, currency="EUR")
    for key in ("revenue", "spend", "conversions", "cpa"):
        assert found[key].value == Decimal(answer.totals[key]) / MICROS
    assert found["clicks"].value == answer.totals["clicks"]
    for key in ("roas", "ctr"):
        assert found[key].value == pytest.approx(answer.totals[key], rel=Decimal("1e-20"))
    months = query(
        metrics=["revenue"], by=["month"], period=period("FY2026"), viewer=None, currency="EUR"
    )
    for row in months.rows:
        bar = found.get(f"month.{row['month']}")
        # Bars are in thousands of euros; months after the period have none.
        if bar:
            assert bar.value == Decimal(row["revenue"]) / MICROS / 1000


@pytest.mark.feature("12.4")
def test_channels_and_campaigns_are_the_querys_and_add_up_as_printed(
    cast: Cast, story: Story
) -> None:
    report = pack(cast.company)
    found = figures(report)
    asked = query(
        metrics=["spend", "revenue"], by=["channel"], period=period(), viewer=None, currency="EUR"
    )
    for row in asked.rows:
        assert found[f"channel.{row['channel']}.col.spend"].value == Decimal(row["spend"]) / MICROS
        value = found[f"channel.{row['channel']}.col.value"]
        assert value.value == Decimal(row["revenue"]) / MICROS
    page = next(p for p in content_of(report).pages if isinstance(p, ChannelsPage))
    printed = [int(found[row.revenue.id].text.replace(",", "")) for row in page.rows]
    assert sum(printed) == int(found[page.total.revenue.id].text.replace(",", ""))
    campaigns = query(
        metrics=["roas"], by=["campaign"], period=period(), viewer=None, currency="EUR"
    )
    for row in campaigns.rows:
        exact = found[f"campaign.{row['campaign']}.roas"].value
        assert exact == pytest.approx(row["roas"], rel=Decimal("1e-20"))


@pytest.mark.feature("12.4")
def test_every_figure_has_formula_filters_as_of_and_what_it_rests_on(
    cast: Cast, story: Story, tmp_path: Path
) -> None:
    report = pack(cast.company)
    content = content_of(report)
    sources = {row.id: row for row in content.provenance}
    assert {figure.footnote for figure in content.figures} == set(sources)
    for row in sources.values():
        assert row.formula
        assert row.filters
        assert row.batches, row
        assert row.as_of == KNOWN
    revenue = sources[figures(report)["revenue"].footnote]
    assert revenue.formula == "Sum of revenue"
    assert revenue.batches[0].startswith("B-")
    assert "GBP at budget rates" in revenue.filters
    text = text_of(bytes(report.pdf), tmp_path)
    assert figures(report)["revenue"].text in text
    assert report.content_hash in text


@pytest.mark.feature("12.4")
def test_the_query_of_a_footnote_gives_the_number_again(
    cast: Cast, story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    content = content_of(pack(cast.company))
    found = {figure.id: figure for figure in content.figures}
    sources = {row.id: row for row in content.provenance}
    for key in ("revenue", "spend", "roas", "conversions", "cpa"):
        name, *options = sources[found[key].footnote].query.split()
        call_command(name, *options, as_json=True)
        said = Decimal(str(json.loads(capsys.readouterr().out)["totals"][key]))
        value = found[key].value
        assert value is not None
        assert said == pytest.approx(value, rel=Decimal("1e-9"))


def test_made_again_over_the_same_data_it_is_the_same_report(cast: Cast, story: Story) -> None:
    first = pack(cast.company)
    again = pack(cast.company, at=AT + timedelta(days=1), user=cast.executive)
    assert again == first
    assert Report.objects.count() == 1
    assert Event.objects.filter(action="report.made").count() == 1
    Report.objects.all().delete()
    third = pack(cast.company, at=AT + timedelta(days=2))
    assert (third.content_hash, bytes(third.pdf)) == (first.content_hash, bytes(first.pdf))


def test_new_data_makes_a_new_report_and_the_old_one_stays(cast: Cast, story: Story) -> None:
    old = pack(cast.company)
    later = AT - timedelta(hours=1)
    load_days(story.lines[0], {"2026-10-05": {"spend": "1", "revenue": "90000"}}, known_at=later)
    new = pack(cast.company)
    assert new.pk != old.pk
    assert new.as_of == later
    was, now = (figures(report)["revenue"].value for report in (old, new))
    assert was is not None
    assert now is not None
    assert now > was
    # As of the earlier moment it is what it was, to the byte.
    assert pack(cast.company, as_of=KNOWN) == old


def test_the_next_pack_says_what_reads_differently(cast: Cast, story: Story) -> None:
    september = pack(cast.company, "2026-09")
    later = AT - timedelta(hours=1)
    load_days(story.lines[0], {"2026-09-05": {"spend": "1", "revenue": "90000"}}, known_at=later)
    found = figures(pack(cast.company))
    was = figures(september)["revenue"].value
    assert found["restated.revenue.was"].value == was
    now = query(metrics=["revenue"], period=period("2026-09"), viewer=None, currency="EUR")
    assert found["restated.revenue.now"].value == Decimal(now.totals["revenue"]) / MICROS
    # The file said nothing of clicks, so they are as they were.
    assert "restated.clicks.was" not in found


@pytest.mark.feature("12.4")
def test_without_a_goal_of_its_own_the_whole_has_the_sum_of_its_teams(
    cast: Cast, story: Story
) -> None:
    Target.objects.filter(team=cast.company).delete()
    assert "revenue.target" not in figures(pack(cast.company))
    Target.objects.create(
        metric="revenue", team=cast.uk, first_day=date(2026, 10, 1), last_day=date(2026, 10, 31),
        owner=cast.uk_manager, value_micros=50_000 * MICROS, currency="GBP",
    )  # fmt: skip
    # DACH: 2.6 million a year, 31 of its 365 days; the UK: 50,000 pounds at 1.15.
    goal = figures(pack(cast.company))["revenue.target"].value
    assert goal == pytest.approx(Decimal(2_600_000) * 31 / 365 + 57_500, abs=Decimal("0.001"))


def test_a_finding_is_told_from_the_start_of_its_run(cast: Cast, story: Story) -> None:
    values = ("2.93", "3.05", "3.90", "3.70", "3.34")
    Finding.objects.update(
        evidence={"periods": [{"label": f"M{n}", "value": v} for n, v in enumerate(values)]}
    )
    found = figures(pack(cast.company))
    first, last = (found[f"finding.{story.finding.pk}.{end}"].text for end in ("first", "last"))
    assert (first, last) == ("3.90", "3.34")


def test_what_is_stored_is_frozen_in_the_database(cast: Cast, story: Story) -> None:
    report = pack(cast.company)
    changes: list[dict[str, Any]] = [
        {"title": "Nicer"},
        {"content": {}},
        {"pdf": b"x"},
        {"as_of": AT},
    ]
    for change in changes:
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            Report.objects.filter(pk=report.pk).update(**change)


def test_content_comes_back_from_the_database_as_it_was(cast: Cast, story: Story) -> None:
    report = pack(cast.company)
    report.refresh_from_db()
    content = content_of(report)
    assert digest(content) == report.content_hash
    assert freeze(content) == report.content


def test_a_pack_of_a_team_holds_only_what_is_below_it(
    cast: Cast, story: Story, tmp_path: Path
) -> None:
    found = figures(pack(cast.uk))
    own = query(metrics=["spend"], period=period(), viewer=cast.uk_manager, currency="EUR").totals[
        "spend"
    ]
    assert found["spend"].value == Decimal(own) / MICROS
    text = text_of(bytes(pack(cast.uk).pdf), tmp_path)
    assert "UK brand" in text
    assert "DACH" not in text


@pytest.mark.feature("12.4")
def test_plan_and_spend_of_the_year_stand_in_the_pack(cast: Cast) -> None:
    world: World = create_world(cast)
    day = {"2026-11-03": {"spend": "4000", "revenue": "9000"}}
    load_days(world.winter_shopping, day)
    load_days(world.winter_display, {"2026-11-04": {"spend": "2500", "revenue": "3000"}})
    report = pack(cast.dach, NOV)
    found = figures(report)
    assert found["budget.All budgets.planned"].value == 689_000
    assert found["budget.All budgets.actual"].value == 6_500
    assert found["budget.All budgets.left"].value == 682_500
    assert found["budget.Shopping DE.actual"].value == 4_000
    page = next(p for p in content_of(report).pages if isinstance(p, BudgetPage))
    for row in page.rows:
        plan, spent, left = (int(found[r.id].text.replace(",", "")) for r in (row.planned, row.actual, row.available))  # fmt: skip
        assert plan - spent == left


HOSTILE = (
    "A & B <b>unclosed",
    '=HYPERLINK("http://x")',
    "{value} {0} %s 100%",
    "Ünïcödé – “quotes” 漢字 \u202eevil",
    "x" * 190,
)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_can_be_printed(cast: Cast, story: Story, name: str) -> None:
    for model in (story.lines[2].campaign, story.lines[0].channel, cast.dach, cast.company):
        type(model).objects.filter(pk=model.pk).update(name=name[: 60 if model == story.lines[0].channel else 110])  # fmt: skip
    type(story.change).objects.update(what=name, by_name=name[:100])
    assert bytes(pack(cast.company).pdf).startswith(b"%PDF")
    assert bytes(services.performance_review(team=cast.dach, period=period(), at=AT).pdf)


def test_without_data_there_is_no_pack(cast: Cast, story: Story) -> None:
    with pytest.raises(TooThin, match="Nothing is known about US"):
        pack(cast.us)
    with pytest.raises(TooThin):
        pack(cast.company, "2019-01")
    assert not Report.objects.exists()


def test_without_a_rate_amounts_are_left_out_and_counts_stay(cast: Cast, story: Story) -> None:
    FxRate.objects.all().delete()
    found = figures(pack(cast.company))
    assert "revenue" not in found
    assert "spend" not in found
    assert found["conversions"].value
    assert figures(pack(cast.uk))["spend"].unit == "GBP"


def test_a_source_that_reports_no_money_makes_a_pack_too(cast: Cast) -> None:
    days = {date(2026, 10, n): {"impressions": 1000, "clicks": 20 + n} for n in range(1, 32)}
    load_days(make_line(cast), days)
    found = figures(pack(cast.company))
    assert found["clicks"].value == sum(20 + n for n in range(1, 32))


def test_who_may_not_have_one_made_is_refused(cast: Cast, story: Story) -> None:
    for user, team in (
        (cast.manager, cast.company), (cast.manager, cast.uk), (cast.admin, cast.dach), (cast.nobody, cast.dach),
        (cast.other_director, cast.europe),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            pack(team, user=user)
    assert pack(cast.europe, user=cast.director).made_by == cast.director


@pytest.mark.feature("12.4")
def test_the_command_writes_the_pdf_and_says_what_it_made(
    cast: Cast, story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pack.pdf"
    call_command("board_pack", period="2026-Q3", out=file, json=True)
    said = json.loads(capsys.readouterr().out)
    report = Report.objects.get(pk=said["report"])
    assert file.read_bytes() == bytes(report.pdf)
    assert said["content_hash"] == report.content_hash
    assert said["period"] == {"key": "2026-Q3", "first_day": "2026-07-01", "last_day": "2026-09-30"}
    assert datetime.fromisoformat(said["as_of"]) == KNOWN


@pytest.mark.parametrize(
    "options", [{"period": "2019-01"}, {"period": "soon"}, {"period": "2026-10", "team": "Mars"}]
)
def test_the_command_fails_with_a_sentence(
    cast: Cast, story: Story, options: dict[str, str]
) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("board_pack", **options)
    assert caught.value.returncode == 1
    assert str(caught.value).endswith((".", "2026-06."))
