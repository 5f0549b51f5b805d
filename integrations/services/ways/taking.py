"""One file that came by itself: imported when it can be read as it is, else held for a person."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from core.errors import AdroitError
from core.events import Actor
from core.models import Event, Organisation
from core.text import counted
from integrations.models import ImportRun, WayIn
from integrations.rules import Outcome, Reading
from integrations.services.runs import run_check, run_import, run_upload

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: ``is_in`` when nobody needs to look at it, and a sentence."""

    name: str
    is_in: bool
    word: str
    run: ImportRun | None = None


def actor_of(way: WayIn) -> Actor:
    """Who the trail says it was: the way itself, by its name."""
    return Actor(f"{way.get_kind_display()} “{way.name}”", kind=Event.ActorKind.SYSTEM)


def day_of(at: datetime) -> date:
    """The organisation's own day at a moment."""
    return at.astimezone(ZoneInfo(Organisation.current().time_zone)).date()


def take_in(way: WayIn, *, file: Path, name: str, today: date, at: datetime) -> Taken:
    """Bring a file in for the way's team. What is not ACCEPT is kept, and waits for ``responsible``.

    The same content again changes nothing. Never raises for what is wrong with a file.
    """
    try:
        run = run_upload(
            team=way.team,
            file=file,
            name=name,
            source=way.source,
            settings=way.settings,
            origin=way.kind,
            way=way,
            user=way.responsible,
            actor=actor_of(way),
            at=at,
        )
    except AdroitError as error:
        return Taken(name, False, f"{error.message} {error.remedy}".strip())
    try:
        return _imported(run, way, today, at)
    except AdroitError as error:
        return Taken(run.file_name, False, f"Held: {error.message}", run)
    except Exception:
        log.exception("The file of import %s cannot be read", run.pk)
        return Taken(run.file_name, False, "Held: reading it failed; the log says why.", run)


def _imported(run: ImportRun, way: WayIn, today: date, at: datetime) -> Taken:
    reading = run_check(run, today=today)
    if reading.outcome != Outcome.ACCEPT:
        return Taken(run.file_name, False, f"Held: {_why(reading)}", run)
    result = run_import(
        run,
        actor=actor_of(way),
        user=way.responsible,
        at=at,
        today=today,
        reading=reading,
    )
    word = (
        f"{counted(reading.accepted, 'row', 'rows')} imported."
        if result.batch
        else "All of it was known already."
    )
    return Taken(run.file_name, True, word, run)


def _why(reading: Reading) -> str:
    if reading.questions:
        return reading.questions[0].sentence
    if reading.outcome == Outcome.PARTIAL:
        return (
            f"{reading.rejected:,} of {counted(reading.data_rows, 'row', 'rows')} cannot be read."
        )
    return reading.problems[0].message if reading.problems else "it cannot be read."


def note(way: WayIn, taken: list[Taken], *, at: datetime, nothing: str = "") -> None:
    """Keep on the way what came last."""
    if not taken and not nothing:
        return
    failed = [item for item in taken if not item.is_in]
    first = (failed or taken)[0] if taken else None
    more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
    word = f"{first.name}{more}: {first.word}" if first else nothing
    way.last_at, way.last_word, way.last_failed = at, word[:300], bool(failed) or not taken
    way.save(update_fields=["last_at", "last_word", "last_failed"])
