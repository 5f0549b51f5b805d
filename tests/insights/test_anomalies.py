"""The daily check sees what is out of the ordinary, once, dated by its own days, with its reasons."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from analytics.anomalies import watch
from automation.models import Alert
from core.models import Event
from core.periods import Period
from insights.models import Explanation, Finding
from insights.rules.drivers import node_of
from insights.selectors.watching import read_watch
from insights.services.checks import daily_check
from insights.services.dismissals import anomaly_dismiss, anomaly_raise, dismissal_undo
from insights.services.maturity import maturity_learn
from metrics.selectors import metric_for
from tests.cast import Cast
from tests.insights.maturing import NOW as MATURE_NOW
from tests.insights.maturing import TODAY, come_in, line_on
from tests.insights.outage import LAST, LOST, NOW, a_storm, check, incident, months, ordinary
from tests.world import load_rows, make_line

pytestmark = [pytest.mark.django_db, pytest.mark.feature("4.13")]

DAY = timedelta(days=1)


def found() -> list[Finding]:
    return list(Finding.objects.filter(kind=Finding.Kind.ANOMALY).order_by("pk"))


def test_lines_that_turn_together_are_one_incident_dated_by_its_own_days(cast: Cast) -> None:
    lines = a_storm(cast)
    assert check()["opened"] == 1
    (one,) = found()
    assert (one.window_start, one.window_end) == (LOST[0], LOST[-1])
    assert one.metric == "cvr"
    assert one.title == "Conversion rate of DACH (Social, 3 lines) fell to nothing, 20–23 Oct 2026"
    assert sorted(one.evidence["lines"]) == sorted(line.pk for line in lines)
    assert "3 lines turned together" in one.reason
    lost = sum(float(ordinary(line, day)["revenue"]) for line in lines for day in LOST)
    assert one.stake_micros == pytest.approx(lost * 1_000_000, rel=0.1)
    low, high = (float(end) for end in one.evidence["range"])
    assert float(one.evidence["observed"]) < low < float(one.evidence["expected"]) < high


def test_each_team_has_its_own_finding_of_a_storm(cast: Cast) -> None:
    dach = make_line(cast, channel="social")
    uk = make_line(cast, channel="social", team=cast.uk, owner=cast.uk_manager)
    load_rows(months([dach, uk]), known_at=NOW)
    check()
    first, second = found()
    assert {first.team, second.team} == {cast.dach, cast.uk}
    assert first.evidence["storm"] == second.evidence["storm"]
    assert "So did 1 line of other teams." in first.reason


def test_an_outage_is_found_when_the_months_file_comes(cast: Cast) -> None:
    line = make_line(cast, channel="social")
    before = [row for row in months([line]) if row["day"] < LOST[0]]
    load_rows(before, known_at=NOW - 40 * DAY)
    daily_check(now=NOW - 30 * DAY)
    assert found() == []
    late = [row for row in months([line]) if row["day"] >= LOST[0]]
    load_rows(late, known_at=NOW)
    check()
    (one,) = found()
    assert (one.window_start, one.window_end) == (LOST[0], LOST[-1])


def test_it_stays_one_finding_and_ends_when_it_is_no_news(cast: Cast) -> None:
    a_storm(cast, 1)
    assert check() == {"opened": 1, "kept": 0, "ended": 0}
    assert check(1) == {"opened": 0, "kept": 1, "ended": 0}
    assert check(8) == {"opened": 0, "kept": 0, "ended": 1}
    assert check(9) == {"opened": 0, "kept": 0, "ended": 0}


def test_what_goes_on_opens_an_alert_and_what_is_long_over_does_not(cast: Cast) -> None:
    a_storm(cast, 1)
    check()
    assert not Alert.objects.exists()
    line = make_line(cast, channel="display")
    lately = [LAST - 9 * DAY, LAST - 8 * DAY, LAST - 7 * DAY]
    load_rows(months([line], lost=lately), known_at=NOW)
    check()
    alert = Alert.objects.get()
    assert alert.campaign == line.campaign
    assert alert.owner == cast.manager


def test_the_driver_tree_is_kept_with_the_finding_and_adds_up(cast: Cast) -> None:
    a_storm(cast)
    check()
    (one,) = found()
    kept = Explanation.objects.get(pk=one.evidence["explanation"])
    assert (kept.metric, kept.finding) == ("revenue", one)
    tree = node_of(kept.tree)
    assert tree.before is not None
    assert tree.after == 0
    assert tree.change == tree.after - tree.before < 0
    assert sum(child.change for child in tree.children) == tree.change
    assert sum(step["part"] for step in kept.chain["whole"]) == tree.change
    check(1)
    assert Explanation.objects.count() == 1


def test_too_little_history_or_money_is_not_spoken_of(cast: Cast) -> None:
    short, poor = make_line(cast, channel="social"), make_line(cast, channel="display")
    load_rows(months([short], days=33), known_at=NOW)
    cheap = [row | {"revenue": f"{row['conversions'] / 100:.2f}"} for row in months([poor])]
    load_rows(cheap, known_at=NOW)
    check()
    assert found() == []


def test_days_that_still_grow_raise_nothing_though_they_look_like_an_outage(cast: Cast) -> None:
    line = line_on(cast)
    come_in([line], back=80)
    maturity_learn(now=MATURE_NOW)
    daily_check(now=MATURE_NOW)
    assert found() == []
    # The control: taken as they are, the same days are an incident.
    last = TODAY - DAY
    seen = read_watch(period=Period("x", last - 80 * DAY, last), viewer=None, currency="EUR")
    raw = watch(
        ["raw"], seen.daily(metric_for("cvr"), [0]), last_day=last.toordinal(), worth=3.0,
        is_count=True,
    )  # fmt: skip
    assert [storm.incidents[0].is_drop for storm in raw] == [True]
    assert np.all(seen.known["conversions"][0, -2:] < 0.8)


def test_results_of_platforms_nobody_watched_grow_are_judged_a_week_later(cast: Cast) -> None:
    line = make_line(cast, channel="social")
    load_rows(months([line], lost=[LAST - DAY, LAST]), known_at=NOW)
    check()
    assert found() == []


def test_no_anomaly_closes_the_alert_is_not_found_again_and_can_be_taken_back(cast: Cast) -> None:
    one = incident(cast)
    anomaly_raise(finding=one, user=cast.manager, at=NOW)
    assert Alert.objects.open().count() == 1
    anomaly_dismiss(finding=one, user=cast.analyst, reason="The shop was closed.", at=NOW)
    assert not Alert.objects.open().exists()
    assert check(1) == {"opened": 0, "kept": 0, "ended": 0}
    assert Event.objects.filter(action="finding.dismissed", reason="The shop was closed.").exists()
    dismissal_undo(finding=one, user=cast.analyst, at=NOW + DAY)
    assert check(1) == {"opened": 0, "kept": 1, "ended": 0}
    assert Alert.objects.open().count() == 1


def test_an_import_of_old_days_is_looked_through_without_calling_anybody(cast: Cast) -> None:
    line = make_line(cast, channel="social")
    old = [date(2026, 5, 4), date(2026, 5, 5)]
    load_rows(months([line], days=330, lost=old), known_at=NOW)
    check()
    (one,) = found()
    assert (one.window_start, one.window_end) == (old[0], old[1])
    assert not Alert.objects.exists()
