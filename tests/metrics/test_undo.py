"""Taking a batch back: what was before it returns, and the past still says what it said."""

from datetime import date, timedelta

import pytest

from core import events
from core.errors import Conflict
from core.models import Event
from core.periods import FiscalCalendar
from metrics.models import Batch, ChannelDay, Fact, FactRevision, LineDay, SegmentDay
from metrics.selectors import query
from metrics.services import batch_undo
from tests.cast import Cast
from tests.world import KNOWN, TODAY, load_days, load_rows, make_line

OCTOBER = FiscalCalendar().parse("2026-10", today=TODAY)
LATER, LATEST = KNOWN + timedelta(hours=1), KNOWN + timedelta(hours=2)


def undo(batch: Batch | None, hours: int = 3) -> Batch:
    assert batch is not None
    return batch_undo(batch=batch, actor=events.SYSTEM, at=KNOWN + timedelta(hours=hours))


def clicks(**asked: object) -> object:
    return query(metrics=["clicks"], period=OCTOBER, viewer=None, **asked).totals["clicks"]  # type: ignore[arg-type]


def test_the_versions_before_come_back(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-01": {"clicks": 20}, "2026-10-02": {"clicks": 1}})
    second = load_days(
        line, {"2026-10-01": {"clicks": 26}, "2026-10-03": {"clicks": 9}}, known_at=LATER
    )
    assert clicks() == 36
    taken_back = undo(second.batch)
    assert clicks() == 21
    assert (taken_back.kind, taken_back.undoes, taken_back.changed) == ("undo", second.batch, 2)
    assert not Fact.objects.filter(day=date(2026, 10, 3)).exists()
    for table in (LineDay, SegmentDay, ChannelDay):
        assert table.objects.count() == 2
    event = Event.objects.get(action="facts.undone")
    assert event.after == {"undo": taken_back.pk, "facts": 2}


@pytest.mark.feature("3.2")
def test_the_past_still_says_what_it_said(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-01": {"clicks": 20}})
    second = load_days(line, {"2026-10-01": {"clicks": 26}}, known_at=LATER)
    undo(second.batch)
    minute = timedelta(minutes=1)
    assert clicks(as_of=KNOWN - minute) is None
    assert clicks(as_of=KNOWN) == 20
    assert clicks(as_of=LATER) == 26
    assert clicks(as_of=KNOWN + timedelta(hours=3)) == 20
    assert clicks(as_of=LATER, by=["creative"]) == 26
    assert clicks(as_of=date(2026, 11, 19)) is None
    assert clicks(as_of=date(2026, 11, 20)) == 20
    assert FactRevision.objects.count() == 2


def test_a_batch_that_later_ones_changed_is_not_undone_but_named(cast: Cast) -> None:
    line = make_line(cast)
    first = load_days(line, {"2026-10-01": {"clicks": 20}, "2026-10-02": {"clicks": 1}})
    second = load_days(line, {"2026-10-01": {"clicks": 26}}, known_at=LATER)
    assert second.batch is not None
    with pytest.raises(Conflict, match=f"batch {second.batch.pk}\\) changed 1 of the same facts"):
        undo(first.batch)
    assert clicks() == 27
    assert Batch.objects.filter(kind="undo").count() == 0


def test_batches_are_taken_back_one_after_the_other(cast: Cast) -> None:
    line = make_line(cast)
    first = load_days(line, {"2026-10-01": {"clicks": 20}})
    second = load_days(line, {"2026-10-01": {"clicks": 26}}, known_at=LATER)
    third = load_days(line, {"2026-10-01": {"clicks": 27}}, known_at=LATEST)
    for hours, batch, expected in ((3, third, 26), (4, second, 20), (5, first, None)):
        undo(batch.batch, hours)
        assert clicks() == expected
    assert not Fact.objects.exists()
    assert not LineDay.objects.exists()
    assert not ChannelDay.objects.exists()


def test_the_same_facts_stated_again_by_another_batch_stay(cast: Cast) -> None:
    """Restored to what the first said, then changed by a person's own load: no longer the first's."""
    line = make_line(cast)
    first = load_days(line, {"2026-10-01": {"clicks": 20}})
    load_days(line, {"2026-10-01": {"clicks": 26}}, known_at=LATER)
    load_days(line, {"2026-10-01": {"clicks": 20}}, known_at=LATEST)
    with pytest.raises(Conflict, match="since"):
        undo(first.batch)


def test_twice_or_an_undo_itself_is_refused(cast: Cast) -> None:
    batch = load_days(make_line(cast), {"2026-10-01": {"clicks": 20}}).batch
    taken_back = undo(batch)
    with pytest.raises(Conflict, match="undone already"):
        undo(batch)
    with pytest.raises(Conflict, match="itself an undo"):
        undo(taken_back)


def test_the_file_can_be_loaded_again_after_its_undo(cast: Cast) -> None:
    line = make_line(cast)
    undo(load_days(line, {"2026-10-01": {"clicks": 20}}).batch)
    assert clicks() is None
    load_days(line, {"2026-10-01": {"clicks": 20}}, known_at=KNOWN + timedelta(hours=4))
    assert clicks() == 20
    assert clicks(as_of=KNOWN + timedelta(hours=3)) is None


def test_only_the_touched_segments_and_sources_go(cast: Cast) -> None:
    line = make_line(cast)
    load_rows([{"line": line, "day": "2026-10-01", "source": 1, "segment_id": 1, "clicks": 5}])
    second = load_rows(
        [
            {"line": line, "day": "2026-10-01", "source": 1, "segment_id": 2, "clicks": 6},
            {"line": line, "day": "2026-10-01", "source": 2, "segment_id": 1, "clicks": 7},
        ],
        known_at=LATER,
    )
    undo(second.batch)
    assert list(SegmentDay.objects.values_list("segment_id", "clicks")) == [(1, 5)]
    assert list(LineDay.objects.values_list("source", "clicks")) == [(1, 5)]
    found = query(metrics=["clicks"], period=OCTOBER, viewer=None)
    assert [batch.kind for batch in found.batches] == ["load", "undo"]
