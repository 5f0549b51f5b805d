"""What a landing says to a person: chances, and the last day on which acting still helps."""

from __future__ import annotations

from datetime import date

from analytics.results import REASON_TEXT, ActBy
from budgets.selectors.landings import LineLanding
from core import formats

# Draws say nothing finer about chances near nothing and near certain.
RARE = 0.05


def chance_words(chance: float | None) -> str:
    """``about 83 %``; never surer than one in twenty, unless it is settled."""
    if chance is None:
        return ""
    if chance in (0, 1):
        return "certain" if chance else "none"
    if chance < RARE:
        return f"under {formats.percent(RARE, 0)}"
    if chance > 1 - RARE:
        return f"over {formats.percent(1 - RARE, 0)}"
    return f"about {formats.percent(chance, 0)}"


def act_words(found: LineLanding) -> str:
    """``Act by Tue 24 Nov: ...``; "" when nothing has to be done, or nothing can be said."""
    one = found.landing
    over, under = one.chance_over or 0.0, one.chance_under or 0.0
    if one.cut and one.cut.needed and over >= under:
        return _cut_words(one.cut, is_open=one.days_elapsed < one.days_total)
    if one.grow and one.grow.needed:
        return _grow_words(one.grow, is_open=one.days_elapsed < one.days_total)
    return ""


def act_brief(found: LineLanding) -> str:
    """The same for a row of many: ``Halve daily spend by Tue 24 Nov``; a legend says the rest."""
    one = found.landing
    over, under = one.chance_over or 0.0, one.chance_under or 0.0
    if one.days_elapsed >= one.days_total:
        return act_words(found)
    if one.cut and one.cut.needed and over >= under:
        return _brief("Halve", one.cut, late="Stop spend, or ask for more")
    if one.grow and one.grow.needed:
        return _brief("Double", one.grow, late="Move what would be left")
    return ""


def _brief(verb: str, act: ActBy, *, late: str) -> str:
    return late if act.day is None else f"{verb} daily spend by {_day(act.day)}"


def _cut_words(act: ActBy, *, is_open: bool) -> str:
    if not is_open:
        return "The month is over; the overspend stands."
    if act.day is None:
        return "Halving the daily spend comes too late: stop what it pays for, or ask for more."
    return f"Act by {_day(act.day)}: with the daily spend halved from then on, it still ends on plan in 8 of 10 cases."


def _grow_words(act: ActBy, *, is_open: bool) -> str:
    if not is_open:
        return "The month is over; the money is left."
    if act.day is None:
        return "Even doubled from today, the daily spend no longer reaches 95 % of plan: move what would be left."
    return f"Act by {_day(act.day)}: with the daily spend doubled from then on, it still reaches 95 % of plan in 8 of 10 cases."


def _day(ordinal: int) -> str:
    day = date.fromordinal(ordinal)
    return formats.day(day, day)


def why_silent(found: LineLanding) -> str:
    """Why there is no landing, in a sentence; "" when there is one."""
    if found.landing.reason is None:
        return ""
    return REASON_TEXT[found.landing.reason]
