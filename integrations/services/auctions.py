"""Auction insights that must not replace others: of an older export, or of another ad account.

The report names neither its ad account nor the day it was made.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from core import formats
from core.text import counted
from integrations.models import ImportRun, Source
from integrations.rules import Outcome, Reading, RowProblem
from integrations.rules.codes import Code
from integrations.services.observations import observed
from integrations.services.sources import source_key
from metrics.models import Observation


def auctions_fit(reading: Reading, run: ImportRun, account: str) -> Reading:
    """``reading``, refused when shares of another account or of a later report stand there.

    A report that ends before one that stands is taken for the older one where they differ: a new
    export goes up to the newest day.
    """
    if reading.outcome == Outcome.REFUSE or reading.rows.empty:
        return reading
    standing = _standing(reading, run)
    source = _source_id(reading, run, account)
    strangers = [one for one in standing if one.batch.source != source]
    if strangers:
        return _refused(reading, Code.ACCOUNT_MISMATCH, _of_another(strangers[0]))
    if run.settings.get("override") == Code.STALE_EXPORT:
        return reading
    return _refused_when_older(reading, run, standing)


def _standing(reading: Reading, run: ImportRun) -> list[Observation]:
    first, last = reading.period or (date.max, date.min)
    found = Observation.objects.filter(
        team=run.team, metric__startswith="auction.", ended_by=None,
        first_day__lte=last, last_day__gte=first,
    )  # fmt: skip
    return list(found.select_related("batch"))


def _source_id(reading: Reading, run: ImportRun, account: str) -> int | None:
    if run.source_id:
        return run.source_id
    key = source_key(run.team, reading.layout, account)
    return Source.objects.filter(key=key).values_list("pk", flat=True).first()


def _of_another(one: Observation) -> str:
    source = Source.objects.filter(pk=one.batch.source).first()
    return (
        f"Shares of these days stand there already, of “{source or 'another source'}”. Shares of two "
        "ad accounts cannot be put together: choose that source if the file is of the same account, "
        "or import this account's file for a team of its own."
    )


def _refused_when_older(reading: Reading, run: ImportRun, standing: list[Observation]) -> Reading:
    known = {_key(one): one for one in standing}
    others = [
        known[_key(one)]
        for one in observed(reading, run)
        if _key(one) in known and _said(known[_key(one)]) != _said(one)
    ]
    last = reading.period[1] if reading.period else date.max
    newest = max((one.batch.last_day or date.min for one in others), default=date.min)
    ends = max([newest, *_ends_of({one.batch_id for one in others})])
    if not others or ends <= last:
        return reading
    message = (
        f"This report ends on {formats.day(last)}, but one that goes up to {formats.day(ends)} stands "
        f"there and says {counted(len(others), 'share', 'shares')} differently. An older export never "
        "replaces a newer one: export these weeks again, up to the newest day."
    )
    return _refused(reading, Code.STALE_EXPORT, message)


def _ends_of(batches: set[int]) -> list[date]:
    """How far the reports behind these batches went, also where only a part of them was new."""
    runs = ImportRun.objects.filter(batch__in=batches).values_list("last_day", flat=True)
    return [day for day in runs if day]


def _key(one: Observation) -> tuple[object, ...]:
    return (one.metric, one.subject, one.first_day, one.last_day)


def _said(one: Observation) -> tuple[object, ...]:
    return (one.value_micros, one.bound)


def _refused(reading: Reading, code: Code, message: str) -> Reading:
    problem = RowProblem(None, "", code, message)
    return replace(reading, outcome=Outcome.REFUSE, problems=(problem, *reading.problems))
