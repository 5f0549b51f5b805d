"""A file once more, shuffled, packed, in pieces that overlap: the facts are those of the file, once.

The pieces are cut anywhere, also within a day of a campaign, and come in any order. The control
adds up what comes in, as an import without keys does.
"""

from __future__ import annotations

import gzip
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import Sum

from accounts.models import Team
from core.invariants import check_all
from integrations import services
from integrations.models import ImportRun
from integrations.rules import Outcome
from metrics.models import Batch, Fact, FactRevision, LineDay
from metrics.services import LoadResult
from tests.cast import Cast
from tests.drills.sheet import bar, counted, keep, size
from tests.integrations.files import TODAY, written

pytestmark = [pytest.mark.drill, pytest.mark.django_db, pytest.mark.feature("3.4")]
SEED = 20_261_122
ROUNDS = size(2, 100)
LARGEST = 60_000
HEADERS = ["Day", "Campaign", "Campaign ID", "Currency code", "Device", "Impr.", "Clicks", "Cost"]
DEVICES = ("Mobile phones", "Computers", "Tablets")
FOLDERS = ("formats/ui_exports", "formats/datasets/meta_ab_campaigns", "bad_inputs/public")
Row = list[str]


def rows_of(dice: random.Random) -> list[Row]:
    """A fortnight of four campaigns by device."""
    return [
        [f"2026-11-{day:02d}", f"Campaign {n}", str(7000 + n), "USD", device,
         str(dice.randrange(100, 900)), str(dice.randrange(90)), f"{dice.randrange(9000) / 100:.2f}"]
        for day in range(1, 15)
        for n in range(4)
        for device in DEVICES
    ]  # fmt: skip


def pieces_of(rows: Sequence[Row], dice: random.Random) -> Iterator[list[Row]]:
    """The rows shuffled and cut, each piece with some of the next one, in any order."""
    mixed = dice.sample(rows, len(rows))
    step = dice.randrange(20, 80)
    starts = range(0, len(rows), step)
    for start in dice.sample(starts, len(starts)):
        yield mixed[start : start + step + dice.randrange(12)]


class Door:
    """Where files come in, each a minute after the one before."""

    def __init__(self, cast: Cast, team: Team, folder: Path) -> None:
        self.actor, self.team, self.folder = cast.manager.as_actor(), team, folder
        self.at = datetime(2026, 11, 22, 6, tzinfo=UTC)

    def take(self, data: bytes, name: str = "export.csv") -> LoadResult | None:
        """None when the file is refused."""
        self.at += timedelta(minutes=1)
        file = self.folder / "file"
        file.write_bytes(data)
        run: ImportRun = services.run_upload(
            team=self.team, file=file, name=name, actor=self.actor, at=self.at,
            settings={"currency": "USD"},
        )  # fmt: skip
        reading = services.run_check(run, today=TODAY)
        if reading.outcome == Outcome.REFUSE:
            return None
        return services.run_import(
            run, actor=self.actor, at=self.at, today=TODAY, confirm=True, reading=reading
        )


def table(rows: Sequence[Row]) -> bytes:
    return written([HEADERS, *rows]).encode()


def stored(team: Team) -> Counter[tuple[object, ...]]:
    """Every fact as (day, campaign, segment, impressions, clicks, spend)."""
    return Counter(
        Fact.objects.filter(line__campaign__team=team).values_list(
            "day", "line__external_id", "segment_id", "impressions", "clicks", "spend"
        )
    )


def rolled_up(team: Team) -> int:
    """Spend in micros, by the roll-up that pages read."""
    days = LineDay.objects.filter(line__campaign__team=team)
    return days.aggregate(total=Sum("spend"))["total"] or 0


def said(rows: Sequence[Row]) -> int:
    return sum(int(Decimal(row[-1]) * 1_000_000) for row in rows)


def test_pieces_in_any_order_and_anything_again_give_the_facts_of_the_file_once(
    cast: Cast, tmp_path: Path
) -> None:
    dice, taken, added_up = random.Random(SEED), 0, 0
    whole, parts = (Door(cast, team, tmp_path) for team in (cast.uk, cast.dach))
    for number in range(ROUNDS):
        bar(number + 1, ROUNDS, f"files, {taken} pieces")
        rows = rows_of(dice)
        pieces = list(pieces_of(rows, dice))
        taken, added_up = taken + len(pieces), sum(map(said, pieces))
        whole.take(table(rows))
        for piece in pieces:
            parts.take(table(piece))
        assert stored(cast.dach) == stored(cast.uk)
        assert rolled_up(cast.dach) == rolled_up(cast.uk) == said(rows)
        written_so_far = Batch.objects.count(), FactRevision.objects.count()
        for again in (rows, dice.sample(rows, len(rows)), *pieces):
            parts.take(table(again))
        assert (Batch.objects.count(), FactRevision.objects.count()) == written_so_far
    assert [held for held in check_all() if not held.is_kept] == []
    assert added_up > said(rows), "the drill shows nothing: the control did not break"
    keep(
        "Files in pieces, shuffled, repeated",
        did=f"{ROUNDS} files in {taken} overlapping pieces, then all of it again, seed {SEED}",
        found="0 partial, 0 doubled; nothing written the second time",
        control=f"adding up: {added_up / said(rows):.2f} times the spend",
    )


def test_public_exports_again_under_another_name_and_packed_change_nothing(
    cast: Cast, shared_data: Path, tmp_path: Path
) -> None:
    door, taken = Door(cast, cast.dach, tmp_path), 0
    files = [path for folder in FOLDERS for path in sorted((shared_data / folder).glob("*.*"))]
    chosen = [path for path in files if path.stat().st_size < LARGEST][:: size(12, 1)]
    for path in counted(chosen, len(chosen), "files"):
        data = path.read_bytes()
        with transaction.atomic():
            first = door.take(data, path.name)
            facts, batches = stored(cast.dach), Batch.objects.count()
            assert first is not None or not batches
            taken += bool(first and first.batch)
            for again, name in ((data, f"copy of {path.name}"), (gzip.compress(data), "x.gz")):
                door.take(again, name)
                assert (stored(cast.dach), Batch.objects.count()) == (facts, batches), path.name
            transaction.set_rollback(True)
    assert taken > len(chosen) // 4
