"""Reads paths or events from a CSV, whichever of the two it holds."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from analytics.arrays import IntArray
from analytics.attribution import (
    WHOLE,
    Conversions,
    How,
    Lookback,
    Paths,
    Touches,
    paths_from_texts,
    paths_from_touches,
)
from analytics.commands.table import BadTable, cell_number, read_heading, read_rows

USUAL_DAYS = 30.0
PATH, AMOUNTS = "path", ("total_conversions", "total_conversion_value", "total_null")
EVENTS, VALUE = ("user_id", "ts", "channel", "event"), "value"
TOUCHES = {"touch": How.CLICK, "click": How.CLICK, "view": How.VIEW, "offline": How.OFFLINE}
ENDS = ("conversion", "lead", "opportunity")
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
# A separator without a channel on one of its sides.
GAP = re.compile(r"^\s*>|>\s*>|>\s*$")


@dataclass(frozen=True, slots=True, eq=False)
class Journeys:
    """Paths within the lookback, the same whole, and what to know about the file."""

    paths: Paths
    whole: Paths
    notes: tuple[str, ...] = ()


def read_journeys(
    path: Path, *, lookback: float | None, view_lookback: float | None = None
) -> Journeys:
    """Return the journeys of a file of paths or of events.

    Without a `lookback` (days) the paths have the usual one and `whole` has none; with one both
    have it. Raises BadTable with line and remedy on what cannot be read.
    """
    there = read_heading(path)
    if PATH in there:
        journeys = _journeys_of_paths(path, there)
        if lookback is None and view_lookback is None:
            return journeys
        note = f"{path}: paths have no times, so the lookback does not apply to them."
        return Journeys(journeys.paths, journeys.whole, (note,))
    if set(EVENTS) <= set(there):
        return _journeys_of_events(path, there, lookback, view_lookback)
    raise BadTable(
        f"{path}: needs the columns {PATH}, {', '.join(AMOUNTS)} or {', '.join(EVENTS)}, {VALUE}; "
        f"the file has {', '.join(map(repr, there)) or 'no heading'}"
    )


def _journeys_of_paths(path: Path, there: Sequence[str]) -> Journeys:
    given = [name for name in AMOUNTS if name in there or name == AMOUNTS[0]]
    texts: list[str] = []
    amounts = {name: array("d") for name in AMOUNTS}
    for number, row in read_rows(path, [PATH, *given]):
        if GAP.search(row[PATH]):
            raise BadTable(
                f"{path}, line {number}: path is {row[PATH]!r}; "
                "a channel is needed on both sides of each '>'"
            )
        texts.append(row[PATH])
        for name, column in amounts.items():
            column.append(_amount(path, number, name, row.get(name, "")))
        if amounts[AMOUNTS[1]][-1] > 0 and amounts[AMOUNTS[0]][-1] == 0:
            raise BadTable(
                f"{path}, line {number}: {AMOUNTS[1]} is {row[AMOUNTS[1]]!r} with no conversion; "
                "value belongs to a conversion"
            )
    _some(path, texts)
    conversions, value, nulls = (np.array(amounts[name]) for name in AMOUNTS)
    paths = paths_from_texts(texts, conversions=conversions, value=value, nulls=nulls)
    return Journeys(paths, paths)


@dataclass(slots=True)
class _Log:
    """Who, when and what of one kind of event, row by row as it is read."""

    who: array[int] = field(default_factory=lambda: array("q"))
    at: array[int] = field(default_factory=lambda: array("q"))
    channel: array[int] = field(default_factory=lambda: array("q"))
    value: array[float] = field(default_factory=lambda: array("d"))

    def conversions(self) -> Conversions:
        return Conversions(_ints(self.who), _ints(self.at), np.array(self.value))


def _ints(numbers: array[int]) -> IntArray:
    return np.array(numbers, dtype=np.int64)


def _journeys_of_events(
    path: Path, there: Sequence[str], lookback: float | None, view_lookback: float | None
) -> Journeys:
    logs = {event: _Log() for event in (*TOUCHES, *ENDS)}
    people: dict[str, int] = {}
    channels: dict[str, int] = {}
    has_value = VALUE in there
    for number, row in read_rows(path, EVENTS):
        event = row["event"].strip()
        log = logs.get(event)
        if log is None:
            raise BadTable(
                f"{path}, line {number}: event is {event!r}; one of {', '.join(logs)} is needed"
            )
        who = _name(path, number, "user_id", row["user_id"])
        log.who.append(people.setdefault(who, len(people)))
        log.at.append(_moment(path, number, row["ts"]))
        if event in TOUCHES:
            name = _name(path, number, "channel", row["channel"])
            log.channel.append(channels.setdefault(name, len(channels)))
        else:
            log.value.append(_amount(path, number, VALUE, row[VALUE]) if has_value else 0.0)
    _some(path, people)
    touches = _touches(logs, tuple(channels))
    usual = USUAL_DAYS if lookback is None else lookback
    window = Lookback(usual, usual if view_lookback is None else view_lookback, usual)
    ends = {end: logs[end].conversions() for end in ENDS}
    lead, opportunity = ends["lead"], ends["opportunity"]

    def paths(days: Lookback) -> Paths:
        return paths_from_touches(
            touches, ends["conversion"], lookback=days, lead=lead, opportunity=opportunity
        )

    within = paths(window)
    return Journeys(within, within if lookback is not None else paths(WHOLE))


def _touches(logs: dict[str, _Log], channels: tuple[str, ...]) -> Touches:
    parts = [(how, logs[event]) for event, how in TOUCHES.items()]
    return Touches(
        who=np.concatenate([_ints(log.who) for _, log in parts]),
        at=np.concatenate([_ints(log.at) for _, log in parts]),
        channel=np.concatenate([_ints(log.channel) for _, log in parts]),
        how=np.concatenate([np.full(len(log.who), int(how)) for how, log in parts]),
        channels=channels,
    )


def _some(path: Path, rows: Sequence[str] | dict[str, int]) -> None:
    if not rows:
        raise BadTable(f"{path}: has a heading but no rows")


def _name(path: Path, number: int, column: str, text: str) -> str:
    name = text.strip()
    if not name:
        raise BadTable(f"{path}, line {number}: {column} is empty; a name is needed")
    return name


def _moment(path: Path, number: int, text: str) -> int:
    """Microseconds since 1970; a time without an offset is in UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadTable(
            f"{path}, line {number}: ts is {text!r}; a moment like 2026-11-21T09:30:00Z is needed"
        ) from None
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH) // MICROSECOND


def _amount(path: Path, number: int, column: str, text: str) -> float:
    """A number from zero up; an empty cell is a zero."""
    value = cell_number(path, number, column, text) if text else 0.0
    if value < 0:
        raise BadTable(
            f"{path}, line {number}: {column} is {text!r}; zero or more is needed, "
            "a refund comes off the conversion it belongs to"
        )
    return 0.0 if np.isnan(value) else value
