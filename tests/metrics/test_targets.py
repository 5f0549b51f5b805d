"""Targets: who sets them, what is on record, and where they stand."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.choices import Status
from campaigns.services import campaign_move, unmet
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event, Organisation
from core.money import Money
from metrics.models import Target
from metrics.selectors import Standing, earlier_targets, target_progress, targets_visible
from metrics.services import target_edit, target_retire, target_set
from tests.cast import Cast
from tests.world import AT, TODAY, load_days, load_steady, make_campaign, make_line

FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
GONE = (TODAY - FIRST).days
WHOLE = (LAST - FIRST).days + 1


@pytest.fixture
def set_target(cast: Cast) -> Callable[..., Target]:
    def make(**given: Any) -> Target:
        fields: dict[str, Any] = {
            "metric": "revenue",
            "team": cast.dach,
            "first_day": FIRST,
            "last_day": LAST,
            "value_micros": 9_200_000_000,
            "currency": "EUR",
            "owner": cast.manager,
            "at": AT,
        }
        return target_set(**(fields | given))

    return make


def test_setting_changing_and_retiring_are_on_record(
    cast: Cast, set_target: Callable[..., Target]
) -> None:
    target = set_target(user=cast.director)
    target = target_edit(target=target, user=cast.director, at=AT, value_micros=10_000_000)
    target_retire(target=target, user=cast.director, at=AT, reason="Merged into the group's")
    told = list(Event.objects.filter(action__startswith="target.").order_by("id"))
    assert [event.action for event in told] == ["target.set", "target.changed", "target.retired"]
    assert told[0].after is not None
    assert told[0].after["value_micros"] == 9_200_000_000
    assert told[1].before == {"value_micros": 9_200_000_000}
    assert told[2].reason == "Merged into the group's"
    with pytest.raises(Conflict, match="retired"):
        target_edit(target=target, user=cast.director, at=AT, value_micros=5)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"metric": "roi"}, "no metric"),
        ({"value_micros": 0}, "more than zero"),
        ({"currency": ""}, "needs its currency"),
        ({"last_day": FIRST - timedelta(days=1)}, "before the first"),
        ({"tolerance_percent": 101}, "100"),
    ],
)
def test_what_makes_no_sense_is_refused(
    set_target: Callable[..., Target], given: dict[str, Any], said: str
) -> None:
    with pytest.raises((Invalid, Conflict), match=said):
        set_target(**given)
    assert not Event.objects.filter(action="target.set").exists()


def test_a_target_stands_once(cast: Cast, set_target: Callable[..., Target]) -> None:
    first = set_target()
    with pytest.raises(Conflict, match="already"):
        set_target(value_micros=1)
    target_retire(target=first, user=cast.director, at=AT, reason="Too low")
    set_target(value_micros=1)


def test_campaign_and_channel_do_not_mix_and_teams_must_agree(
    cast: Cast, set_target: Callable[..., Target]
) -> None:
    line = make_line(cast)
    with pytest.raises(Invalid, match="not both"):
        set_target(campaign=line.campaign, channel=line.channel)
    with pytest.raises(Invalid, match="another team"):
        set_target(campaign=line.campaign, team=cast.uk)


def test_who_may_set_one(cast: Cast, set_target: Callable[..., Target]) -> None:
    campaign = make_campaign(cast)
    assert set_target(user=cast.manager, campaign=campaign).campaign == campaign
    assert set_target(user=cast.director).team == cast.dach
    for nobody in (cast.analyst, cast.uk_manager, cast.other_director, cast.auditor, cast.admin):
        with pytest.raises(NotAllowed):
            set_target(user=nobody, campaign=campaign, metric="leads")
    with pytest.raises(NotAllowed):
        set_target(user=cast.manager, metric="leads")


@pytest.mark.feature("1.3")
def test_no_campaign_is_approved_without_a_target(
    cast: Cast, set_target: Callable[..., Target]
) -> None:
    campaign = make_campaign(cast, status=Status.PLANNED)
    assert any("at least one target" in said for said in unmet(campaign, Status.APPROVED))
    with pytest.raises(Conflict, match="at least one target"):
        campaign_move(campaign=campaign, to=Status.APPROVED, by=cast.director, at=AT)
    target = set_target(campaign=campaign)
    assert not unmet(campaign, Status.APPROVED)
    target_retire(target=target, user=cast.director, at=AT, reason="Wrong")
    assert unmet(campaign, Status.APPROVED)
    assert not unmet(campaign, Status.DRAFT)


@pytest.mark.feature("1.3", "1.13")
def test_a_total_is_compared_with_what_should_stand_there_today(
    cast: Cast, set_target: Callable[..., Target]
) -> None:
    line = make_line(cast)
    load_steady(line, FIRST - timedelta(days=28), 28 + GONE, revenue="100")
    ahead = set_target(campaign=line.campaign, value_micros=8_000_000_000)
    (found,) = target_progress([ahead], today=TODAY)
    assert found.actual == Money(GONE * 100_000_000, "EUR")
    assert found.expected is not None
    expected = 8000 * GONE / WHOLE
    assert abs(float(found.expected.amount) - expected) < 1  # type: ignore[union-attr]
    assert (found.status, found.progress.reason) == (Standing.AHEAD, "")
    assert found.share is not None
    assert round(found.share, 2) == Decimal("1.15")
    assert isinstance(found.landing, Money)
    assert round(found.landing.amount) == WHOLE * 100
    behind = set_target(
        campaign=line.campaign,
        metric="revenue",
        value_micros=20_000_000_000,
        last_day=LAST - timedelta(days=1),
    )
    on = set_target(
        campaign=line.campaign, value_micros=9_200_000_000, last_day=LAST - timedelta(days=2)
    )
    standings = [p.status for p in target_progress([behind, on], today=TODAY)]
    assert standings == [Standing.BEHIND, Standing.ON]


@pytest.mark.feature("1.13")
def test_what_is_good_when_low_is_ahead_below_its_target(
    cast: Cast, set_target: Callable[..., Target]
) -> None:
    line = make_line(cast)
    load_steady(line, FIRST, GONE, spend="80", conversions="2")
    (found,) = target_progress(
        [set_target(metric="cpa", campaign=line.campaign, value_micros=50_000_000)], today=TODAY
    )
    assert found.actual == Money(40_000_000, "EUR")
    assert found.expected == Money(50_000_000, "EUR")
    assert found.status is Standing.AHEAD


@pytest.mark.feature("1.13")
def test_the_beginning_and_the_end_of_a_target(
    cast: Cast, set_target: Callable[..., Target]
) -> None:
    line = make_line(cast)
    load_steady(line, "2026-07-01", 92, conversions="1")
    over = {"metric": "conversions", "last_day": date(2026, 9, 30), "campaign": line.campaign}
    reached = set_target(**over, first_day=date(2026, 7, 1), value_micros=92_000_000)
    near = set_target(**over, first_day=date(2026, 7, 2), value_micros=94_000_000)
    missed = set_target(**over, first_day=date(2026, 7, 3), value_micros=150_000_000)
    later = set_target(**over | {"last_day": LAST}, first_day=TODAY, value_micros=10_000_000)
    empty = set_target(campaign=make_campaign(cast))
    found = target_progress([reached, near, missed, later, empty], today=TODAY)
    assert [progress.status for progress in found] == [
        Standing.ACHIEVED,
        Standing.ACHIEVED,
        Standing.MISSED,
        Standing.NOT_STARTED,
        Standing.NO_DATA,
    ]
    assert found[0].actual == 92
    assert found[1].progress.reason == "Within the tolerance of 5 %."
    assert found[4].actual is None
    running = set_target(metric="conversions", campaign=line.campaign, value_micros=1)
    assert earlier_targets([running], today=TODAY) == [reached, near, missed]


def test_a_few_days_are_too_few_for_a_pace_and_that_is_said(
    cast: Cast, set_target: Callable[..., Target]
) -> None:
    line = make_line(cast)
    load_steady(line, TODAY - timedelta(days=5), 5, revenue="100")
    (found,) = target_progress([set_target(campaign=line.campaign)], today=TODAY)
    assert found.status is Standing.NO_DATA
    assert found.actual == Money(500_000_000, "EUR")
    assert found.progress.reason == "There are too few days with data."


@pytest.mark.feature("1.10")
def test_a_team_target_covers_everything_below_and_a_channel_only_its_own(
    cast: Cast, set_target: Callable[..., Target]
) -> None:
    search = make_line(cast, channel="search")
    email = make_line(cast, channel="email", team=cast.uk, owner=cast.uk_manager)
    other = make_line(cast, channel="search", team=cast.us, owner=cast.other_manager)
    for line in (search, email, other):
        load_steady(line, FIRST, GONE, conversions="1")
    whole = set_target(metric="conversions", team=cast.europe)
    of_channel = set_target(metric="conversions", team=cast.europe, channel=search.channel)
    found = target_progress([whole, of_channel], today=TODAY)
    assert [progress.actual for progress in found] == [2 * GONE, GONE]


def test_progress_as_it_was_known(cast: Cast, set_target: Callable[..., Target]) -> None:
    line = make_line(cast)
    load_steady(line, FIRST, GONE, conversions="1")
    target = set_target(metric="conversions", campaign=line.campaign)
    later = AT + timedelta(days=1)
    load_days(line, {"2026-10-05": {"conversions": "50"}}, known_at=later)
    for as_of, expected in ((None, GONE + 49), (AT, GONE)):
        (found,) = target_progress([target], today=TODAY, as_of=as_of)
        assert found.actual == expected


def test_the_number_of_queries_does_not_grow_with_targets(
    cast: Cast, set_target: Callable[..., Target]
) -> None:
    def count() -> int:
        targets = list(targets_visible(cast.director))
        with CaptureQueriesContext(connection) as queries:
            target_progress(targets, today=TODAY)
        return len(queries)

    def add(number: int) -> None:
        line = make_line(cast)
        load_steady(line, FIRST, 3, revenue="1", spend="1")
        first_day = FIRST + timedelta(days=number)
        for subject in ({"campaign": line.campaign}, {"team": cast.uk}):
            set_target(**subject, first_day=first_day)
            set_target(**subject, first_day=first_day, metric="roas", value_micros=4_000_000)

    Organisation.current()
    add(0)
    few = count()
    for number in range(1, 6):
        add(number)
    assert count() == few <= 24


@pytest.mark.feature("9.6")
def test_targets_are_seen_by_those_who_see_the_team_and_amounts(
    cast: Cast, set_target: Callable[..., Target]
) -> None:
    money = set_target()
    rate = set_target(metric="ctr", value_micros=31_000)
    assert set(targets_visible(cast.manager)) == {money, rate}
    assert set(targets_visible(cast.admin)) == {rate}
    assert not targets_visible(cast.uk_manager).exists()
    assert not targets_visible(cast.nobody).exists()
