"""A closed month keeps its figures; what comes later is logged beside them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from core import events
from core.errors import Conflict, NotAllowed
from core.models import Event
from core.money import Money
from core.periods import Period
from metrics.models import ClosedFigure, ClosedMonth
from metrics.selectors.months import kept_figures, late_batches, month_states
from metrics.services import batch_undo, month_close, month_close_once
from tests.cast import Cast
from tests.world import load_days, make_line, micros

pytestmark = [pytest.mark.django_db, pytest.mark.feature("3.2")]
OCTOBER = Period("2026-10", date(2026, 10, 1), date(2026, 10, 31), "October 2026")
FIRST = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
CLOSED = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 12, 6, 0, tzinfo=UTC)


def close(cast: Cast) -> ClosedMonth:
    user = cast.auditor
    return month_close(
        month=OCTOBER, at=CLOSED, user=user, actor=user.as_actor(), reason="Reported to the board"
    )


def test_the_figures_are_kept_and_a_restatement_stands_beside_them(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-30": {"spend": "100", "clicks": 50}}, known_at=FIRST)
    month = close(cast)
    batch = load_days(line, {"2026-10-30": {"spend": "108", "clicks": 50}}, known_at=LATER).batch
    (figure,) = kept_figures(cast.director, month, "spend")
    assert (figure.kept, figure.now) == (Money.parse("100", "EUR"), Money.parse("108", "EUR"))
    (late,) = late_batches(cast.director, month)
    assert late.batch == batch
    assert list(late.changes) == [("spend", Money.parse("8", "EUR"))]


def test_every_restatement_of_a_closed_month_is_an_event(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-30": {"clicks": 50}}, known_at=FIRST)
    month = close(cast)
    load_days(line, {"2026-11-03": {"clicks": 5}}, known_at=LATER)
    assert not Event.objects.filter(action="performance.restated").exists()
    batch = load_days(line, {"2026-10-30": {"clicks": 55, "spend": "9"}}, known_at=LATER).batch
    assert batch
    event = Event.objects.get(action="performance.restated")
    assert event.subject_id == str(month.pk)
    assert event.after == {
        "batch": batch.pk, "label": batch.label,
        "changes": {"clicks": 5, "spend EUR": micros("9")},
    }  # fmt: skip
    batch_undo(batch=batch, actor=events.SYSTEM, at=LATER)
    newest = Event.objects.filter(action="performance.restated").latest("id")
    assert newest.after
    assert newest.after["changes"] == {"clicks": -5, "spend EUR": micros("-9")}


def test_a_batch_that_was_known_earlier_but_came_later_counts_as_late(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-29": {"clicks": 50}}, known_at=FIRST)
    month = close(cast)
    load_days(line, {"2026-10-30": {"clicks": 7}}, known_at=FIRST)
    assert [late.changes for late in late_batches(cast.director, month)] == [[("clicks", 7)]]


def test_nobody_changes_or_deletes_what_was_kept(cast: Cast) -> None:
    load_days(make_line(cast), {"2026-10-30": {"clicks": 50}}, known_at=FIRST)
    month = close(cast)
    for change in (
        lambda: ClosedFigure.objects.update(clicks=60),
        lambda: ClosedFigure.objects.all().delete(),
        lambda: ClosedMonth.objects.filter(pk=month.pk).update(label="Other"),
    ):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            change()


def test_a_month_is_closed_once_and_when_it_is_over(cast: Cast) -> None:
    load_days(make_line(cast), {"2026-10-30": {"clicks": 50}}, known_at=FIRST)
    november = Period("2026-11", date(2026, 11, 1), date(2026, 11, 30), "November 2026")
    with pytest.raises(Conflict, match="not over"):
        month_close(month=november, at=CLOSED, actor=events.SYSTEM)
    month = close(cast)
    with pytest.raises(Conflict, match="closed by"):
        close(cast)
    assert month_close_once(month=OCTOBER, at=LATER, actor=events.SYSTEM) == month
    states = month_states(date(2026, 11, 6))
    assert [(one.month.key, one.closed) for one in states] == [("2026-10", month)]


def test_only_who_may_close_periods_closes(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        month_close(month=OCTOBER, at=CLOSED, user=cast.manager, actor=cast.manager.as_actor())


def test_whoever_sees_no_other_team_sees_no_other_figures(cast: Cast) -> None:
    load_days(make_line(cast), {"2026-10-30": {"clicks": 50}}, known_at=FIRST)
    other = make_line(cast, team=cast.uk, owner=cast.uk_manager)
    load_days(other, {"2026-10-30": {"clicks": 9}}, known_at=FIRST)
    month = close(cast)
    load_days(other, {"2026-10-30": {"clicks": 10}}, known_at=LATER)
    assert [one.kept for one in kept_figures(cast.manager, month, "clicks")] == [50]
    assert late_batches(cast.manager, month) == []
    assert [one.kept for one in kept_figures(cast.uk_manager, month, "clicks")] == [9]
