"""Damaged files by the thousand: flipped bits, splices, cuts, swapped rows and cells.

Every one is answered within ten seconds and 300 MB, in a process that has no more. What is accepted
is imported, and the facts must then add up to what the reading said; what is refused writes nothing.
A cost of zero must stand as a zero in the file. The controls read a missing cost as zero, and
load only a part of the rows.
"""

from __future__ import annotations

import multiprocessing
import re
import resource
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum

from core.invariants import check_all
from integrations import services
from integrations.rules import Outcome, Reading
from integrations.services.runs import OVERRIDE
from metrics.models import Batch, Fact
from tests.cast import Cast
from tests.drills.sheet import counted, keep, size
from tests.integrations.files import TODAY, read
from tests.integrations.test_reading_fuzz import check, mutations

pytestmark = [pytest.mark.drill, pytest.mark.django_db, pytest.mark.feature("3.1", "3.4")]

ROUNDS = size(250, 10_000)
# Of those that are accepted, every so many is imported for good measure.
IMPORTED_EACH = size(6, 4)
SECONDS, MEMORY = 10.0, 300 * 1024 * 1024
LARGEST = 60_000
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ZERO = re.compile(r"[^1-9]*0[^1-9]*")
FOLDERS = ("bad_inputs/public", "formats/ui_exports", "formats/datasets/meta_ab_campaigns")
Mutation = tuple[bytes, dict[str, str]]
Reader = Callable[..., Reading]


@dataclass(frozen=True)
class Answer:
    """What a child says of one file; ``fault`` is "" when every promise held."""

    outcome: str
    seconds: float
    fault: str


def files(shared_data: Path) -> list[bytes]:
    paths = [path for folder in FOLDERS for path in sorted((shared_data / folder).glob("*.*"))]
    return [path.read_bytes() for path in paths if path.stat().st_size < LARGEST]


def tie_down() -> None:
    """Leave this process 300 MB above what it has."""
    with Path("/proc/self/statm").open() as file:
        has = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (has + MEMORY, has + MEMORY))
    signal.signal(signal.SIGALRM, _too_long)


def _too_long(*_: Any) -> None:
    raise TimeoutError


def answered(mutation: Mutation, reader: Reader = read) -> Answer:
    data, said = mutation
    started = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        reading = reader(data, settings=said)
        check(reading)
        fault = silent_zero(reading, data)
        outcome = reading.outcome.value
    except Exception as error:  # noqa: BLE001  whatever it is, it is what the drill looks for
        outcome, fault = "", f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return Answer(outcome, time.perf_counter() - started, fault)


def silent_zero(reading: Reading, data: bytes) -> str:
    """A row of plain text whose cost is zero although no cell of its line is written as a zero."""
    if reading.evidence.container != "plain" or reading.evidence.encoding not in ("utf-8", "UTF-8"):
        return ""
    if not len(reading.rows) or "spend" not in reading.rows:
        return ""
    lines = re.split(r"\r\n|\r|\n", data.decode("utf-8-sig", "replace"))
    zeros = reading.rows.loc[(reading.rows["spend"] == 0).fillna(value=False), "row"]
    for row in zeros.tolist():
        cells = re.split(r"[,;\t|]", lines[row - 1]) if row <= len(lines) else ["0"]
        if '"' not in lines[row - 1] and not any(ZERO.fullmatch(cell) for cell in cells):
            return f"Row {row} costs nothing, but says {lines[row - 1]!r}."
    return ""


def all_answers(made: list[Mutation]) -> Iterator[Answer]:
    """Two tied processes at work; a dead one would end the drill."""
    context = multiprocessing.get_context("fork")
    with context.Pool(2, initializer=tie_down) as pool:
        yield from counted(pool.imap(answered, made, chunksize=20), len(made), "files read")


def loaded(cast: Cast, mutation: Mutation, part: Callable[[Reading], Reading]) -> str:
    """What is wrong after an import of the file, "" when nothing; all of it is rolled back."""
    data, said = mutation
    with transaction.atomic(), TemporaryDirectory() as folder:
        file = Path(folder, "export")
        file.write_bytes(data)
        actor = cast.manager.as_actor()
        settings = {**said, "currency": "USD"}
        settings.pop(OVERRIDE, None)
        run = services.run_upload(
            team=cast.dach, file=file, name="export", actor=actor, at=AT, settings=settings
        )
        reading = services.run_check(run, today=TODAY)
        wrong = _imported(run, reading, part, cast) if reading.outcome != Outcome.REFUSE else ""
        if reading.outcome == Outcome.REFUSE and Batch.objects.exists():
            wrong = "A refused file wrote a batch."
        transaction.set_rollback(True)
    return wrong


def _imported(run: Any, reading: Reading, part: Callable[[Reading], Reading], cast: Cast) -> str:
    services.run_import(
        run, actor=cast.manager.as_actor(), at=AT, today=TODAY, confirm=True, reading=part(reading)
    )
    if reading.layout and reading.layout.kind == "events":
        return ""
    stored = Fact.objects.aggregate(total=Sum("spend"))["total"] or 0
    said = reading.sums.get("spend", Decimal(0))
    return "" if Decimal(int(stored)) == said * 1_000_000 else f"{stored} stored, {said} read"


def the_whole(reading: Reading) -> Reading:
    return reading


def test_damaged_files_are_answered_and_nothing_is_half_written(
    cast: Cast, shared_data: Path
) -> None:
    made = list(mutations(files(shared_data), ROUNDS))
    answers = list(all_answers(made))
    assert [answer.fault for answer in answers if answer.fault] == []
    slowest = max(answer.seconds for answer in answers)
    accepted = [
        mutation
        for mutation, answer in zip(made, answers, strict=True)
        if answer.outcome != "REFUSE"
    ][::IMPORTED_EACH]
    wrong = [loaded(cast, m, the_whole) for m in counted(accepted, len(accepted), "files imported")]
    assert [text for text in wrong if text] == []
    refused = [m for m, a in zip(made, answers, strict=True) if a.outcome == "REFUSE"]
    assert [loaded(cast, m, the_whole) for m in refused[:20]] == [""] * len(refused[:20])
    assert not Batch.objects.exists()
    assert [held.promise for held in check_all() if held.breaches] == []
    keep(
        "Damaged files",
        did=f"{ROUNDS:,} mutations read within {SECONDS:.0f} s and 300 MB each, "
        f"{len(accepted):,} of the accepted imported",
        found=f"0 crashes, 0 partial writes, 0 silent zeros; slowest {slowest:.2f} s",
        control="a missing cost read as zero, and half of the rows loaded: both found",
    )


def as_zero(*args: Any, **more: Any) -> Reading:
    """The control: a reader that takes what is missing for zero."""
    reading = read(*args, **more)
    if not len(reading.rows) or "spend" not in reading.rows:
        return reading
    return replace(reading, rows=reading.rows.assign(spend=reading.rows["spend"] * 0))


def half(reading: Reading) -> Reading:
    """The control: a load that leaves rows out."""
    return replace(reading, rows=reading.rows.iloc[: len(reading.rows) // 2])


def test_the_drill_would_notice(cast: Cast) -> None:
    good: Mutation = (
        b"Day,Campaign,Cost\n2026-11-01,Winter,12.5\n2026-11-02,Winter,7.25\n2026-11-13,Winter,1\n",
        {},
    )
    assert answered(good).fault == ""
    assert "costs nothing" in answered(good, as_zero).fault
    assert loaded(cast, good, the_whole) == ""
    assert "stored" in loaded(cast, good, half)
