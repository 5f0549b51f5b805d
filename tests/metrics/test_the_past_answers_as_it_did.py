"""Loads, restatements and undoes at random: as of any moment, the answer that was given then."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from campaigns.models import CampaignLine
from core import events
from core.errors import Conflict
from core.known import as_known
from core.periods import Period
from metrics.models import Batch
from metrics.selectors import as_plain, query
from metrics.services import batch_undo, segment_ensure
from tests.cast import Cast
from tests.world import load_rows, make_line

pytestmark = pytest.mark.django_db
START = datetime(2026, 10, 4, 6, 0, tzinfo=UTC)
PERIOD = Period("2026-10", date(2026, 10, 1), date(2026, 10, 31))
MEASURES = ("impressions", "clicks", "spend", "conversions", "ctr", "cpa")
# One for each table of numbers and each way of grouping.
LEVELS: tuple[tuple[str, ...], ...] = (
    (), ("channel",), ("team", "month"), ("currency",), ("day",), ("week", "channel"), ("campaign",),
    ("line", "day"), ("source",), ("creative",), ("segment",), ("segment:device",), ("segment", "source"),
)  # fmt: skip
MOMENTS = 12


def answers() -> list[dict[str, Any]]:
    """Every level's rows and totals, and one with a comparison and a filter."""
    found = [query(metrics=MEASURES, period=PERIOD, viewer=None, by=by) for by in LEVELS]
    found.append(
        query(
            metrics=MEASURES,
            period=PERIOD.previous(),
            viewer=None,
            by=["channel"],
            where={"source": 1},
            compare=PERIOD,
        )
    )
    return [said(as_plain(one)) for one in found]


def said(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer states; a currency of amounts only where there are some."""
    kept = {k: answer[k] for k in ("rows", "totals", "row_count", "refused", "notes", "data")}
    return kept | {"batches": [batch["id"] for batch in answer["batches"]]}


def one_row(
    chance: random.Random, lines: list[CampaignLine], segments: list[int]
) -> dict[str, Any]:
    line = chance.choice(lines)
    day = date(2026, 10, chance.randint(1, 9))
    row: dict[str, Any] = {
        "line": line, "day": day, "source": chance.choice([1, 2]),
        "creative_id": chance.choice([0, 5]), "segment_id": chance.choice(segments),
    }  # fmt: skip
    if chance.random() < 0.1:
        row |= {"day": date(2026, 10, 20), "period_days": 7}
    for measure in ("impressions", "clicks", "conversions"):
        row[measure] = chance.choice([None, 0, chance.randint(1, 50)])
    return row | {
        "spend": chance.choice([None, f"{chance.randint(0, 900)}.{chance.randint(0, 99):02}"])
    }


def rows_of(
    chance: random.Random, lines: list[CampaignLine], segments: list[int]
) -> list[dict[str, Any]]:
    made = [one_row(chance, lines, segments) for _ in range(chance.randint(1, 25))]
    keys = ("line", "day", "source", "creative_id", "segment_id", "period_days")
    return list({tuple(row.get(key) for key in keys): row for row in made}.values())


def happenings(
    chance: random.Random, lines: list[CampaignLine], segments: list[int]
) -> Iterator[datetime]:
    """Something happens at each moment: mostly a load, sometimes a batch is taken back."""
    for number in range(MOMENTS):
        at = START + timedelta(hours=7 * number)
        undoable = list(Batch.objects.filter(kind="load", undone_by=None))
        if undoable and chance.random() < 0.3:
            # Refused where a later load changed the same facts; then nothing changed.
            with suppress(Conflict):
                batch_undo(batch=chance.choice(undoable), actor=events.SYSTEM, at=at)
        else:
            load_rows(rows_of(chance, lines, segments), known_at=at, source=chance.choice([1, 2]))
        yield at


@pytest.mark.feature("3.2")
@pytest.mark.parametrize("seed", range(5))
def test_every_moment_answers_as_it_did(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    lines = [
        make_line(cast), make_line(cast, channel="social"),
        make_line(cast, team=cast.uk, owner=cast.uk_manager),
        make_line(cast, channel="social", currency="USD"),
    ]  # fmt: skip
    segments = [0, *segment_ensure([{"device": "mobile"}, {"device": "desktop"}])]
    given = [(at, answers()) for at in happenings(chance, lines, segments)]
    for at, then in given:
        # Through the parameter and through the page's moment, just then and any time before the next.
        with as_known(at):
            assert answers() == then, at
        with as_known(at + timedelta(hours=3)):
            assert answers() == then, at
    before = START - timedelta(seconds=1)
    assert (
        query(metrics=["clicks"], period=PERIOD, viewer=None, as_of=before).totals["clicks"] is None
    )


def test_a_question_of_its_own_moment_wins_over_the_page(cast: Cast) -> None:
    line = make_line(cast)
    for hours, clicks in ((0, 5), (10, 9)):
        row = {"line": line, "day": date(2026, 10, 1), "clicks": clicks}
        load_rows([row], known_at=START + timedelta(hours=hours))
    with as_known(START):
        page = query(metrics=["clicks"], period=PERIOD, viewer=None)
        own = query(
            metrics=["clicks"], period=PERIOD, viewer=None, as_of=START + timedelta(hours=10)
        )
    assert (page.totals["clicks"], own.totals["clicks"]) == (5, 9)
    assert query(metrics=["clicks"], period=PERIOD, viewer=None).totals["clicks"] == 9
