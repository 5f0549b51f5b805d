"""Loading facts: exact, all or nothing, nothing twice, history kept."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from core import events
from core.errors import Conflict, Invalid
from core.models import Event
from metrics.choices import MEASURES
from metrics.models import (
    Batch,
    BatchLine,
    ChannelDay,
    Fact,
    FactRevision,
    LineDay,
    LineDayDelta,
    SegmentDay,
)
from metrics.services import facts_load, segment_ensure
from tests.cast import Cast
from tests.world import KNOWN, load_days, load_rows, load_steady, make_line

LATER = KNOWN + timedelta(days=1)
TABLES = (Batch, BatchLine, Fact, FactRevision, LineDay, LineDayDelta, SegmentDay, ChannelDay)


def contents() -> dict[str, Any]:
    """Everything the app stores about facts."""
    return {
        model.__name__: sorted(map(repr, model.objects.values_list())) for model in (*TABLES, Event)
    }


def frame(line_id: int, **measures: Any) -> pd.DataFrame:
    return pd.DataFrame({"line_id": [line_id], "day": [date(2026, 10, 1)], **measures})


def load(given: pd.DataFrame) -> Any:
    return facts_load(frame=given, label="x", known_at=KNOWN, actor=events.SYSTEM)


def test_a_load_writes_facts_roll_ups_differences_and_one_event(cast: Cast) -> None:
    line = make_line(cast)
    result = load_rows(
        [
            {"line": line, "day": "2026-10-01", "creative_id": 1, "clicks": 20, "spend": "12.5"},
            {"line": line, "day": "2026-10-01", "creative_id": 2, "clicks": 5, "spend": "0.000001"},
            {"line": line, "day": "2026-10-02", "creative_id": 1, "clicks": 7, "spend": None},
        ]
    )
    assert (result.rows, result.inserted, result.changed, result.unchanged) == (3, 3, 0, 0)
    assert list(LineDay.objects.order_by("day").values_list("clicks", "spend", "revenue")) == [
        (25, 12_500_001, None),
        (7, None, None),
    ]
    assert list(LineDayDelta.objects.order_by("day").values_list("clicks", "spend")) == [
        (25, 12_500_001),
        (7, None),
    ]
    assert ChannelDay.objects.get(day=date(2026, 10, 1)).clicks == 25
    assert SegmentDay.objects.count() == 2
    batch = Batch.objects.get()
    assert (batch.rows, batch.changed, batch.first_day) == (3, 3, date(2026, 10, 1))
    event = Event.objects.get(action="facts.loaded")
    assert event.after == {
        "rows": 3,
        "inserted": 3,
        "changed": 0,
        "first_day": "2026-10-01",
        "last_day": "2026-10-02",
    }
    assert event.team_path == cast.dach.path


@pytest.mark.feature("3.1")
def test_the_same_facts_again_change_nothing_and_say_so(cast: Cast) -> None:
    line = make_line(cast)
    load_steady(line, "2026-10-01", 10, clicks=20, spend="10")
    before = contents()
    again = load_steady(line, "2026-10-01", 10, clicks=20, spend="10", known_at=LATER)
    assert again.batch is None
    assert (again.inserted, again.changed, again.unchanged) == (0, 0, 10)
    assert contents() == before


def test_pieces_and_another_order_of_the_same_rows_change_nothing(cast: Cast) -> None:
    line = make_line(cast)
    rows = [{"line": line, "day": date(2026, 10, n), "clicks": n} for n in range(1, 20)]
    load_rows(rows)
    before = contents()
    load_rows(reversed(rows), known_at=LATER)
    load_rows(rows[3:9], known_at=LATER)
    assert contents() == before


@pytest.mark.feature("3.2")
def test_a_restated_fact_moves_its_old_version_to_the_revisions(cast: Cast) -> None:
    line = make_line(cast)
    first = load_days(line, {"2026-10-01": {"clicks": 20}, "2026-10-02": {"clicks": 30}})
    second = load_days(line, {"2026-10-01": {"clicks": 26}}, known_at=LATER)
    assert (second.inserted, second.changed) == (0, 1)
    revision = FactRevision.objects.get()
    assert (revision.clicks, revision.batch, revision.ended_by) == (20, first.batch, second.batch)
    assert Fact.objects.get(day=date(2026, 10, 1)).batch == second.batch
    assert LineDay.objects.get(day=date(2026, 10, 1)).clicks == 26
    assert LineDayDelta.objects.get(batch=second.batch).clicks == 6
    assert Fact.objects.get(day=date(2026, 10, 2)).batch == first.batch


def test_a_measure_without_a_column_keeps_what_is_known(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-01": {"clicks": 20, "spend": "5"}})
    load_days(line, {"2026-10-01": {"clicks": 21}}, known_at=LATER)
    fact = Fact.objects.get()
    assert (fact.clicks, fact.spend) == (21, 5_000_000)


def test_a_stated_nothing_is_not_zero(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-01": {"clicks": 20, "spend": "5"}})
    load_days(line, {"2026-10-01": {"clicks": 20, "spend": None}}, known_at=LATER)
    assert Fact.objects.get().spend is None
    assert LineDay.objects.get().spend is None


def test_two_sources_of_a_line_add_up(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-01": {"spend": "5"}}, source=1)
    load_days(line, {"2026-10-01": {"conversions": "2.5"}}, source=2)
    day = ChannelDay.objects.get()
    assert (day.spend, day.conversions) == (5_000_000, 2_500_000)
    assert LineDay.objects.count() == 2


def test_older_knowledge_never_overwrites_newer(cast: Cast) -> None:
    line = make_line(cast)
    load_days(line, {"2026-10-01": {"clicks": 20}}, known_at=LATER)
    before = contents()
    with pytest.raises(Conflict, match="newer and changed the same days"):
        load_days(line, {"2026-10-01": {"clicks": 18}}, known_at=KNOWN)
    assert contents() == before
    load_days(line, {"2026-10-02": {"clicks": 1}}, known_at=KNOWN)


def test_rows_that_state_a_fact_twice_are_refused(cast: Cast) -> None:
    line = make_line(cast)
    rows = [{"line": line, "day": "2026-10-01", "clicks": n} for n in (1, 2)]
    with pytest.raises(Invalid, match="1 rows state a fact that another row states already"):
        load_rows(rows)
    assert not Fact.objects.exists()


@pytest.mark.parametrize(
    "measures",
    [{"clicks": [1.0]}, {"clicks": [1.5]}, {"clicks": ["twenty"]}, {"clicks": [2**63]}],
    ids=["float", "fraction", "word", "too big"],
)
def test_what_cannot_be_stored_exactly_is_refused(cast: Cast, measures: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="whole numbers"):
        load(frame(make_line(cast).pk, **measures))


def test_unknown_lines_and_columns_are_refused(cast: Cast) -> None:
    with pytest.raises(Invalid, match="no campaign line 999"):
        load(frame(999, clicks=[1]))
    with pytest.raises(Invalid, match="needs the columns"):
        load(frame(make_line(cast).pk, clicks=[1], cost=[2]))
    with pytest.raises(Invalid, match="at least one measure"):
        load(frame(make_line(cast).pk))
    assert not Batch.objects.exists()


def test_a_load_can_be_stopped_and_leaves_nothing(cast: Cast) -> None:
    line = make_line(cast)
    said = []

    def stop(done: int, total: int, note: str) -> None:
        said.append((done, total, note))
        if note == "rolling up":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        facts_load(
            frame=frame(line.pk, clicks=[1]),
            label="x",
            known_at=KNOWN,
            actor=events.SYSTEM,
            on_progress=stop,
        )
    assert said[0] == (0, 1, "sending rows")
    assert not Fact.objects.exists()
    assert not Batch.objects.exists()


def test_every_pattern_of_missing_measures_survives(cast: Cast) -> None:
    """The binary form writes rows group by group; every combination must come back as it went."""
    line = make_line(cast)
    start = date(2025, 1, 1)
    rows = {
        start + timedelta(days=n): {
            m: n + bit if n >> bit & 1 else None for bit, m in enumerate(MEASURES)
        }
        for n in range(1 << len(MEASURES))
    }
    given = pd.DataFrame(
        {
            "line_id": line.pk,
            "day": list(rows),
            **{m: pd.array([r[m] for r in rows.values()], dtype="Int64") for m in MEASURES},
        }
    )
    load(given)
    stored = {row[0]: row[1:] for row in Fact.objects.values_list("day", *MEASURES)}
    assert stored == {day: tuple(row.values()) for day, row in rows.items()}


def test_a_line_that_moves_takes_its_channel_roll_up_along(cast: Cast) -> None:
    moving, staying = make_line(cast), make_line(cast)
    load_steady(moving, "2026-10-01", 3, clicks=5)
    load_steady(staying, "2026-10-01", 3, clicks=2)
    moving.channel = make_line(cast, channel="email").channel
    moving.save()
    by_channel = ChannelDay.objects.filter(day=date(2026, 10, 2)).values_list(
        "channel__key", "team_id", "clicks"
    )
    assert set(by_channel) == {("search", cast.dach.pk, 2), ("email", cast.dach.pk, 5)}
    campaign = moving.campaign
    campaign.team = cast.uk
    campaign.save()
    assert set(by_channel.all()) == {("search", cast.dach.pk, 2), ("email", cast.uk.pk, 5)}


def test_a_combination_of_dimensions_is_kept_once(db: None) -> None:
    first = segment_ensure([{"placement": "abc", "device": "mobile"}, {}])
    second = segment_ensure([{"device": "mobile", "placement": "abc"}, {"placement": "abc"}])
    assert first == [second[0], 0]
    assert second[1] not in (0, second[0])
    long = [{"placement": "x" * 400}, {"placement": "x" * 401}]
    assert len(set(segment_ensure(long))) == 2
