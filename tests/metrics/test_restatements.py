"""What changed after the fact, against the first figure that was known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core import events
from core.errors import Invalid, NotAllowed
from core.money import Money
from core.periods import Period
from metrics.selectors import restatements
from metrics.services import batch_undo
from tests.cast import Cast
from tests.world import load_days, make_line

pytestmark = pytest.mark.django_db
OCTOBER = Period("2026-10", date(2026, 10, 1), date(2026, 10, 31))
FIRST = datetime(2026, 10, 3, 6, 0, tzinfo=UTC)
SECOND = datetime(2026, 10, 9, 6, 0, tzinfo=UTC)
THIRD = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)


@pytest.mark.feature("3.2")
def test_a_figure_that_grew_is_reported_with_what_was_known_first(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-01": {"spend": "10"}, "2026-10-02": {"spend": "7"}}, known_at=FIRST)
    load_days(line, {"2026-10-01": {"spend": "12"}}, known_at=SECOND)
    again = load_days(line, {"2026-10-01": {"spend": "12.5"}}, known_at=THIRD).batch
    (found,) = restatements(viewer=cast.director, measure="spend", period=OCTOBER)
    assert (found.first, found.now, found.change) == (
        Money.parse("10", "EUR"), Money.parse("12.5", "EUR"), Money.parse("2.5", "EUR"),
    )  # fmt: skip
    assert found.share == Decimal("0.25")
    assert (found.day, found.changed_at) == (date(2026, 10, 1), THIRD)
    assert found.batches[-1] == again
    assert len(found.batches) == 2


def test_what_was_told_once_is_no_restatement(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-01": {"spend": "10", "clicks": 3}}, known_at=FIRST)
    load_days(line, {"2026-10-01": {"spend": "10", "clicks": 4}}, known_at=SECOND)
    assert restatements(viewer=cast.director, measure="spend", period=OCTOBER) == []
    assert len(restatements(viewer=cast.director, measure="clicks", period=OCTOBER)) == 1


def test_against_a_moment_days_that_arrived_later_count_too(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-01": {"clicks": 10}}, known_at=FIRST)
    load_days(line, {"2026-10-01": {"clicks": 11}}, known_at=SECOND)
    load_days(line, {"2026-10-02": {"clicks": 5}}, known_at=THIRD)
    late, grown = restatements(viewer=None, measure="clicks", period=OCTOBER, since=FIRST)
    assert (late.first, late.now) == (None, 5)
    assert (grown.first, grown.change) == (10, 1)
    (after,) = restatements(viewer=None, measure="clicks", period=OCTOBER, since=SECOND)
    assert after.day == date(2026, 10, 2)


def test_an_import_taken_back_is_a_restatement(cast: Cast) -> None:
    line = make_line(cast)
    batch = load_days(line, {"2026-10-01": {"clicks": 10}}, known_at=FIRST).batch
    assert batch
    batch_undo(batch=batch, actor=events.SYSTEM, at=SECOND)
    (found,) = restatements(viewer=None, measure="clicks", period=OCTOBER)
    assert (found.first, found.now, found.change) == (10, 0, -10)
    assert restatements(viewer=None, measure="clicks", period=OCTOBER, as_of=FIRST) == []


def test_sources_channels_and_days_can_be_put_together(cast: Cast) -> None:
    search, social = make_line(cast), make_line(cast, channel="social")
    for known_at, clicks in ((FIRST, 10), (SECOND, 12)):
        days = {"2026-10-01": {"clicks": clicks}, "2026-10-02": {"clicks": clicks}}
        load_days(search, days, known_at=known_at, source=1)
        load_days(social, days, known_at=known_at, source=2)
    by_channel = restatements(viewer=None, measure="clicks", period=OCTOBER, by=["channel"])
    assert {one.names["channel"]: one.change for one in by_channel} == {"Search": 4, "Social": 4}
    by_day = restatements(viewer=None, measure="clicks", period=OCTOBER, by=["day"])
    assert [(one.day.day, one.change) for one in by_day] == [(2, 4), (1, 4)]
    only = restatements(
        viewer=None, measure="clicks", period=OCTOBER, by=["source"], where={"source": 2}
    )
    assert [(one.names["source"], one.change) for one in only] == [("Source 2", 4)]


def test_only_what_the_viewer_may_see(cast: Cast) -> None:
    line = make_line(cast, team=cast.uk, owner=cast.uk_manager)
    load_days(line, {"2026-10-01": {"spend": "10", "clicks": 1}}, known_at=FIRST)
    load_days(line, {"2026-10-01": {"spend": "12", "clicks": 2}}, known_at=SECOND)
    assert restatements(viewer=cast.manager, measure="clicks", period=OCTOBER) == []
    with pytest.raises(NotAllowed):
        restatements(viewer=cast.admin, measure="spend", period=OCTOBER)


def test_an_unknown_measure_or_split_is_refused(cast: Cast) -> None:
    del cast
    with pytest.raises(Invalid, match="not a measure"):
        restatements(viewer=None, measure="roas", period=OCTOBER)
    with pytest.raises(Invalid, match="cannot be split"):
        restatements(viewer=None, measure="clicks", period=OCTOBER, by=["creative"])
