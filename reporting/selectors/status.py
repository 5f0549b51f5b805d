"""How complete and how young the data behind a page is."""

from __future__ import annotations

from datetime import datetime, time

from django.urls import reverse

from core import formats
from core.parts import DataStatus
from metrics.selectors import QueryResult
from reporting.selectors.window import Window
from reporting.selectors.young import USUAL_DAYS, maturing_words


def data_status(answer: QueryResult, window: Window) -> DataStatus:
    """The strip above the figures: up to which day, as known when, and what is still young."""
    newest = answer.last_day
    moment = datetime.combine(newest, time(23, 59)) if newest else None
    known = answer.known_at or answer.as_of
    complete = f"imported {formats.moment(known, window.today)}" if known else ""
    behind = (window.today - newest).days - 1 if newest else 0
    late = [f"Newest day is {formats.day(newest, window.today)}"] if newest and behind > 2 else []
    young = newest and window.period.end >= newest and behind <= USUAL_DAYS
    return DataStatus(
        as_of=moment,
        complete=complete,
        late=late,
        maturing=maturing_words(window) if young else "",
        rates=rates_said(answer),
        empty=f"No figures in {window.period.label}",
        url=reverse("integrations:imports"),
    )


def rates_said(answer: QueryResult) -> str:
    """The rates that amounts were converted at; their names say whose they are and since when."""
    if not answer.rates:
        return ""
    codes = ", ".join(sorted({rate.base for rate in answer.rates}))
    name = answer.rates[-1].name
    return f"{codes} in {answer.currency} at the {name[:1].lower()}{name[1:]}"
