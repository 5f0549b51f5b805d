"""From what was read to journeys: whose touches lie before which conversion of the window."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.arrays import BoolArray, IntArray
from analytics.attribution import (
    WHOLE,
    Conversions,
    Paths,
    Position,
    Touches,
    paths_from_touches,
)
from insights.models import Conversion
from insights.rules.attribution import Asked
from insights.selectors.conversions import Amounts
from insights.selectors.touches import Read, Window

_NEVER, _ALWAYS = np.iinfo(np.int64).max, np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """Journeys of a window: with the lookback in ``paths``, without one in ``whole``.

    ``stages`` are touches and conversions of the window for the funnel; ``total_micros`` is the
    sum of all its conversions, to the micro.
    """

    paths: Paths
    whole: Paths
    stages: dict[str, Touches | Conversions]
    touches: int
    people: int
    total_micros: int


def walks_of(read: Read, kind: str, asked: Asked, window: Window) -> Walks:
    """Journeys that a conversion of the window ended, and those that went on in it without one."""
    people, (touch_who, *others) = _numbered(
        [read.touches.who, *(a.who for a in read.kinds.values())]
    )
    who = dict(zip(read.kinds, others, strict=True))
    begins = round(window.begins.timestamp() * 1_000_000)
    amounts = read.kinds[kind]
    early = amounts.at < begins
    touches = replace(read.touches, who=touch_who)
    keep = _in_window(touches, who[kind], amounts.at, early, begins, people, kind)
    touches = touches.where(keep)
    conversions = {one: _conversions(read.kinds[one], who[one]) for one in read.kinds}
    now = {one: _only(found, found.at >= begins) for one, found in conversions.items()}
    marked = _milestones(conversions, asked)
    paths, whole = (
        paths_from_touches(
            touches, now[kind], lookback=lookback, lead=marked[0], opportunity=marked[1]
        )
        for lookback in (asked.lookback, WHOLE)
    )
    return Walks(
        paths=paths,
        whole=whole,
        stages={"Touched": touches, **_stages(now, kind)},
        touches=len(touches.who),
        people=len(np.unique(np.concatenate([touches.who, now[kind].who]))),
        total_micros=int(amounts.micros[~early].sum()),
    )


def _numbered(parts: list[IntArray]) -> tuple[int, list[IntArray]]:
    """People from 0 on, the same number for one person in all parts; and how many there are."""
    found, which = np.unique(np.concatenate(parts), return_inverse=True)
    cuts = np.cumsum([len(part) for part in parts])[:-1]
    return len(found), np.split(which.ravel().astype(np.int64), cuts)


def _in_window(
    touches: Touches,
    who: IntArray,
    at: IntArray,
    early: BoolArray,
    begins: int,
    people: int,
    kind: str,
) -> BoolArray:
    """Which touches belong to a journey of the window.

    What came before an earlier conversion belongs to that one; whoever did nothing in the window
    is left out. After a first payment there is no second first one.
    """
    since = np.full(people, _ALWAYS)
    np.maximum.at(since, who[early], at[early])
    keep = touches.at > since[touches.who]
    if kind == Conversion.CUSTOMER:
        until = np.full(people, _NEVER)
        np.minimum.at(until, who, at)
        keep &= touches.at <= until[touches.who]
    is_live = np.zeros(people, dtype=np.bool_)
    is_live[who[~early]] = True
    is_live[touches.who[keep & (touches.at >= begins)]] = True
    found: BoolArray = keep & is_live[touches.who]
    return found


def _conversions(amounts: Amounts, who: IntArray) -> Conversions:
    return Conversions(who, amounts.at, amounts.micros.astype(np.float64))


def _only(found: Conversions, keep: BoolArray) -> Conversions:
    return Conversions(found.who[keep], found.at[keep], found.value[keep])


def _milestones(
    found: dict[str, Conversions], asked: Asked
) -> tuple[Conversions | None, Conversions | None]:
    """Leads and opportunities, where the position model looks at them."""
    if asked.position == Position.U:
        return None, None
    return found.get(Conversion.LEAD), found.get(Conversion.OPPORTUNITY)


STAGES = (Conversion.LEAD, Conversion.OPPORTUNITY, Conversion.WON, Conversion.PAYMENT)


def _stages(found: dict[str, Conversions], kind: str) -> dict[str, Conversions]:
    """Further stages that anybody came to; a first payment stands for payments."""
    stages = {one: found[one] for one in STAGES if one in found and len(found[one].who)}
    if kind == Conversion.CUSTOMER:
        stages.pop(Conversion.PAYMENT, None)
        stages[Conversion.CUSTOMER] = found[kind]
    return {str(Conversion(one).label): rows for one, rows in stages.items()}
