"""Checks, targets and pictures count young days as they are expected to be when final."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from automation.views.shown import evidence_chart
from core.models import Organisation
from insights.models import Finding
from insights.services import daily_check
from insights.services.maturity import maturity_learn
from metrics.models import Target
from metrics.selectors import Standing, target_progress
from reporting.selectors.home import trend
from reporting.selectors.window import Window
from tests.cast import Cast
from tests.insights.maturing import NOW, TODAY, come_in, line_on

DAY = timedelta(days=1)
# So slow that even days of two weeks ago look poor.
SLOW = [0.0, *(0.4 + 0.6 * age / 25 for age in range(26))]


def come_in_late(cast: Cast) -> None:
    """Two fifths of the results for two weeks, the rest on the day after."""
    come_in([line_on(cast)], shares=[0.0, *[0.4] * 14, 1.0], back=60)


def window() -> Window:
    organisation = Organisation.current()
    period = organisation.calendar.parse("2026-11", today=TODAY)
    return Window(period, "EUR", TODAY, None, organisation)


def dearer() -> list[Finding]:
    return list(Finding.objects.filter(kind=Finding.Kind.EFFICIENCY))


@pytest.mark.django_db
def test_young_days_fire_no_alert_about_costs(cast: Cast) -> None:
    come_in_late(cast)
    daily_check(now=NOW)
    assert dearer() == []


@pytest.mark.django_db
def test_without_curves_the_same_days_look_dearer(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_in_late(cast)
    monkeypatch.setattr("insights.services.checks.maturity_learn", lambda now: {})
    daily_check(now=NOW)
    assert len(dearer()) == 1


@pytest.mark.django_db
def test_a_target_is_judged_by_days_as_they_will_be(cast: Cast) -> None:
    line = line_on(cast)
    come_in([line], shares=SLOW, back=60)
    maturity_learn(now=NOW)
    target = Target.objects.create(
        metric="revenue", team=cast.dach, campaign=line.campaign, first_day=date(2026, 11, 1),
        last_day=date(2026, 11, 30), value_micros=18_000_000_000, currency="EUR", owner=cast.manager,
    )  # fmt: skip
    (raw,) = target_progress([target], today=TODAY)
    (final,) = target_progress([target], today=TODAY, mature=True)
    assert raw.status is Standing.BEHIND
    assert final.status is Standing.ON
    assert final.share == pytest.approx(Decimal(1), abs=Decimal("0.01"))


@pytest.mark.django_db
def test_the_trend_hatches_young_days_and_tells_their_end_in_words_and_in_its_table(
    cast: Cast,
) -> None:
    come_in([line_on(cast)], back=35)
    maturity_learn(now=NOW)
    chart = trend(cast.director, window(), "revenue")
    assert chart is not None
    assert chart.young is not None
    assert (chart.young.start, chart.young.end) == (TODAY - 4 * DAY, TODAY - DAY)
    assert chart.young.words.startswith("4 young days: revenue expected €2.4k")
    assert chart.young.words in chart.told
    assert chart.heads[-3:] == ["Expected when final", "80 % range from", "80 % range to"]
    assert chart.rows[-1][-3] == "€600.00"
    assert chart.rows[0][-3] == "–"
    assert chart.title.endswith("on 0 of 21 days") or "0 %" in chart.title


@pytest.mark.django_db
def test_without_curves_the_last_week_is_hatched_without_numbers(cast: Cast) -> None:
    come_in([line_on(cast)], mornings=1, back=35)
    chart = trend(cast.director, window(), "revenue")
    assert chart is not None
    assert chart.young is not None
    assert chart.young.words == ""
    assert chart.young.start == TODAY - 7 * DAY
    assert len(chart.series) == 1 or chart.series[-1].name != "Expected when final"


@pytest.mark.django_db
def test_a_finding_keeps_which_of_its_periods_were_young(cast: Cast) -> None:
    line = line_on(cast)
    come_in([line], shares=SLOW, back=60)
    Target.objects.create(
        metric="revenue", team=cast.dach, campaign=line.campaign, first_day=date(2026, 10, 1),
        last_day=date(2026, 11, 30), value_micros=90_000_000_000, currency="EUR", owner=cast.manager,
    )  # fmt: skip
    daily_check(now=NOW)
    finding = Finding.objects.get(kind=Finding.Kind.TARGET_MISS)
    chart = evidence_chart(finding)
    assert chart is not None
    assert chart.young is not None
    assert chart.young.end == chart.x[-1] == finding.evidence["young"]["labels"][-1]
    assert "revenue expected" in chart.young.words
