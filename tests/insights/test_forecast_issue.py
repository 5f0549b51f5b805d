"""Issuing forecasts: every metric at every level adds up, is frozen, and stands as of its moment."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from campaigns.choices import Status
from core.models import Event
from insights.models import Forecast, ForecastIssue, ModelVersion
from insights.selectors.forecasts import Quoted, earlier_than, forecast_for
from insights.services.forecasts import forecasts_issue
from metrics.selectors import METRICS
from tests.cast import Cast
from tests.insights.forecasting import CUTOFF, DAY, NOW, come_in, figures, issue, small_company
from tests.world import make_campaign, make_line

pytestmark = [pytest.mark.django_db, pytest.mark.feature("5.1")]

ENDS = ("lo95", "lo80", "yhat", "hi80", "hi95")
MEASURES = ("impressions", "clicks", "spend", "conversions", "revenue")


def of(run: ForecastIssue, metric: str, level: str) -> QuerySet[Forecast]:
    return Forecast.objects.filter(issue=run, metric=metric, level=level)


def test_every_campaign_and_metric_has_thirty_days_with_ranges_in_order(cast: Cast) -> None:
    lines = small_company(cast)
    run = issue()
    rows = list(Forecast.objects.filter(issue=run))
    assert run.cutoff == CUTOFF
    assert {row.horizon for row in rows} == {30}
    for row in rows:
        for of_what in ("", "sum_"):
            values = [getattr(row, f"{of_what}{end}") for end in ENDS]
            assert {len(one) for one in values} == {30}
            assert all(
                a <= b for low, high in pairwise(values) for a, b in zip(low, high, strict=True)
            )
            assert min(values[0]) >= 0
    campaigns = {line.campaign_id for line in lines}
    for metric in (*MEASURES, "cpa", "roas", "ctr", "cpc", "cvr", "cpm", "cost_share"):
        assert {row.campaign_id for row in of(run, metric, "campaign")} == campaigns, metric


def test_parts_add_up_to_totals_on_every_day(cast: Cast) -> None:
    small_company(cast)
    run = issue()
    for measure in MEASURES:
        company = of(run, measure, "company").get()
        lines = list(of(run, measure, "line"))
        for level in ("line", "campaign"):
            days = zip(*(row.yhat for row in of(run, measure, level)), strict=True)
            assert [sum(map(float, one)) for one in days] == pytest.approx(company.yhat)
        channels = of(run, measure, "channel").filter(team=cast.company)
        assert sum(row.sum_yhat[-1] or 0 for row in channels) == pytest.approx(company.sum_yhat[-1])
        dach = of(run, measure, "team").get(team=cast.dach)
        mine = [row for row in lines if row.team_id == cast.dach.pk]
        assert sum(row.sum_yhat[6] or 0 for row in mine) == pytest.approx(dach.sum_yhat[6])
        europe = of(run, measure, "team").get(team=cast.europe)
        assert europe.yhat == pytest.approx(dach.yhat)


@pytest.mark.feature("5.2")
def test_a_ratio_is_that_of_the_forecasts_of_its_parts_for_every_metric_of_the_registry(
    cast: Cast,
) -> None:
    small_company(cast)
    run = issue()
    parts = {measure: of(run, measure, "company").get() for measure in MEASURES}
    ratios = [one for one in METRICS.values() if one.is_ratio and set(one.measures) <= set(parts)]
    assert len(ratios) >= 6
    for metric in ratios:
        found = of(run, metric.key, "company").get()
        top, bottom = (parts[measure].sum_yhat[29] for measure in metric.measures)
        assert top
        assert bottom
        assert found.sum_yhat[29] == pytest.approx(metric.factor * top / bottom)
        assert found.method == "ratio"


def test_what_was_issued_is_never_changed_or_deleted(cast: Cast) -> None:
    small_company(cast)
    row = of(issue(), "clicks", "company").get()
    for change in (lambda: Forecast.objects.update(yhat=[1.0]), Forecast.objects.all().delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    row.refresh_from_db()
    assert len(row.yhat) == 30


@pytest.mark.feature("5.10")
def test_a_new_issue_leaves_the_old_one_and_each_moment_has_the_one_that_stood(cast: Cast) -> None:
    lines = small_company(cast)
    issue()
    before = forecast_for(metric="clicks", subject="company", viewer=None)
    assert before
    said = list(before.yhat)
    tomorrow = NOW + DAY
    come_in(
        [{"line": line, "day": CUTOFF + DAY, "clicks": 900, "spend": "5"} for line in lines],
        at=tomorrow - timedelta(hours=1),
    )
    issue(tomorrow)
    after = forecast_for(metric="clicks", subject="company", viewer=cast.executive)
    assert after
    assert after.pk != before.pk
    assert after.cutoff == CUTOFF + DAY
    before.refresh_from_db()
    assert before.yhat == said
    stood = forecast_for(
        metric="clicks", subject="company", viewer=None, as_of=NOW + timedelta(hours=1)
    )
    assert stood == before
    assert forecast_for(metric="clicks", subject="company", viewer=None, as_of=NOW - DAY) is None
    assert earlier_than(after, cast.executive) == [before]


def test_the_same_data_are_not_forecast_twice_and_one_event_is_written(cast: Cast) -> None:
    small_company(cast)
    first = forecasts_issue(now=NOW)
    assert first["issued"] > 0
    assert forecasts_issue(now=NOW + timedelta(hours=1)) == {"issued": 0, "too_thin": 0}
    event = Event.objects.get(action="forecast.issued")
    assert event.after
    assert event.after["series"] == first["issued"] == Forecast.objects.count()
    version = ModelVersion.objects.get(kind="forecast")
    assert version.state == "champion"
    assert version.params["horizon"] == 30
    assert 0 < version.scores["clicks_week_accuracy"] <= 1


def test_without_data_nothing_is_issued(cast: Cast) -> None:
    assert forecasts_issue(now=NOW) == {"issued": 0, "too_thin": 0}


def test_thin_series_say_so_and_stopped_ones_are_zero(cast: Cast) -> None:
    young, gone, runs = (make_line(cast, name=name) for name in ("Young", "Gone", "Runs"))
    come_in([*figures(young, days=8), *figures(gone), *figures(runs)])
    gone.campaign.status = Status.COMPLETED
    gone.campaign.save()
    run = issue()
    rows = {row.line.name: row for row in of(run, "clicks", "line") if row.line}
    assert rows["Young"].reason == "too_few_days"
    assert rows["Gone"].reason == "ended"
    assert set(rows["Gone"].yhat) == set(rows["Gone"].hi95) == {0.0}
    assert rows["Runs"].reason == ""
    assert "too few days" in Quoted(rows["Young"]).reason


def test_nothing_is_expected_after_a_flight_ends(cast: Cast) -> None:
    campaign = make_campaign(cast, flight_end=CUTOFF + 5 * DAY)
    line = make_line(cast, campaign)
    come_in(figures(line))
    row = of(issue(), "clicks", "line").get()
    assert all(value is not None and value > 0 for value in row.yhat[:5])
    assert set(row.yhat[5:]) == {0.0}


@pytest.mark.feature("5.7")
def test_each_campaign_is_called_up_flat_or_down_with_how_likely_that_is(cast: Cast) -> None:
    lines = small_company(cast)
    run = issue()
    for row in of(run, "clicks", "campaign"):
        assert row.call in (-1, 0, 1)
        assert sum(row.chances) == pytest.approx(1)
        assert row.chances[row.call + 1] == max(row.chances)
        mine = [line for line in lines if line.campaign_id == row.campaign_id]
        sums = sum(one["clicks"] for line in mine
                   for one in figures(line, level=100 + 40 * lines.index(line))[-7:])  # fmt: skip
        assert row.base7 == pytest.approx(sums)


def test_people_see_the_forecasts_of_their_teams_and_amounts_only_where_they_may(
    cast: Cast,
) -> None:
    small_company(cast)
    issue()
    team = f"team:{cast.us.pk}"
    assert forecast_for(metric="revenue", subject=team, viewer=cast.other_director)
    assert forecast_for(metric="revenue", subject=team, viewer=cast.director) is None
    assert forecast_for(metric="revenue", subject="company", viewer=cast.director) is None
    assert forecast_for(metric="revenue", subject="company", viewer=cast.executive)
    assert forecast_for(metric="clicks", subject="company", viewer=cast.nobody) is None
