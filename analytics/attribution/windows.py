"""From touches and conversions to paths: who saw what before which conversion, and how long before.

A conversion ends a journey; later touches begin the next one. So a touch counts once for each kind
of conversion, and touches after the last conversion are a journey that has not converted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray
from analytics.attribution.paths import Paths, by_name, sums
from analytics.attribution.touches import Conversions, How, Touches

MICROSECONDS_A_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Lookback:
    """How many days before a conversion a touch still counts, that day included; None: any."""

    click: float | None = 30.0
    view: float | None = 1.0
    offline: float | None = 90.0

    def days(self, how: IntArray) -> FloatArray:
        """The limit of each touch, infinite where there is none."""
        by_how = {How.CLICK: self.click, How.VIEW: self.view, How.OFFLINE: self.offline}
        limits = [by_how[each] for each in How]
        found: FloatArray = np.array([np.inf if x is None else x for x in limits])[how]
        return found


WHOLE = Lookback(None, None, None)
USUAL = Lookback()


def paths_by_kind(
    touches: Touches,
    conversions: Mapping[str, Conversions],
    lookbacks: Mapping[str, Lookback],
    *,
    usual: Lookback = USUAL,
) -> dict[str, Paths]:
    """The paths to each kind of conversion, each with its own lookback, else the usual one."""
    return {
        kind: paths_from_touches(touches, found, lookback=lookbacks.get(kind, usual))
        for kind, found in conversions.items()
    }


def paths_from_touches(
    touches: Touches,
    conversions: Conversions,
    *,
    lookback: Lookback = USUAL,
    lead: Conversions | None = None,
    opportunity: Conversions | None = None,
) -> Paths:
    """One path for each conversion, and one for each person whose last touches led to none.

    A touch at the very moment of the conversion counts. Touches at one moment are ordered by the
    channel's name, conversions of one person at one moment share a path. The lookback is that of
    a conversion: journeys without one stay whole. `lead` and `opportunity` mark the touch that
    came last before them.
    """
    ends, touches = _merged(conversions), _ordered(touches)
    walks = _journeys(touches, ends)
    age = (walks.ended[walks.journey] - touches.at) / MICROSECONDS_A_DAY
    keep = walks.is_open | (age <= lookback.days(touches.how))
    touches, age = touches.where(keep), age[keep]
    walks = replace(walks, journey=walks.journey[keep])
    order = np.argsort(walks.journey, kind="stable")
    marked = [_milestone(part, touches, walks, order) for part in (lead, opportunity)]
    count, more = len(walks.ended), len(walks.ended) - len(ends.who)
    return Paths(
        channels=touches.channels,
        touch=touches.channel[order],
        starts=np.concatenate(([0], np.cumsum(np.bincount(walks.journey, minlength=count)))),
        conversions=np.concatenate([ends.times, np.zeros(more)]),
        value=np.concatenate([ends.value, np.zeros(more)]),
        nulls=np.concatenate([np.zeros(len(ends.who)), np.ones(more)]),
        age=age[order],
        milestones=np.stack(marked),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """Conversions in the order of person and time, those of one moment together."""

    who: IntArray
    at: IntArray
    value: FloatArray
    times: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Walks:
    """The journey of each touch (T,), and the moment at which each journey ended (J,).

    Journeys up to `first_open` are those of the conversions, in their order; the others have none.
    """

    journey: IntArray
    ended: IntArray
    first_open: int

    @property
    def is_open(self) -> BoolArray:
        """Which touches led to no conversion (T,)."""
        return self.journey >= self.first_open


def _merged(conversions: Conversions) -> _Ends:
    order = np.lexsort((conversions.at, conversions.who))
    who, at = conversions.who[order], conversions.at[order]
    is_new = _changes(who) | _changes(at)
    which, count = np.cumsum(is_new) - 1, int(is_new.sum())
    return _Ends(
        who=who[is_new],
        at=at[is_new],
        value=sums(which, conversions.value[order], count),
        times=sums(which, np.ones(len(which)), count),
    )


def _changes(numbers: IntArray) -> BoolArray:
    """Which numbers differ from the one before; the first does."""
    return np.concatenate(([True], numbers[1:] != numbers[:-1]))[: len(numbers)]


def _ordered(touches: Touches) -> Touches:
    """By person, moment and the channel's name; channels in alphabetical order."""
    channel = by_name(touches.channels)[touches.channel]
    order = np.lexsort((channel, touches.at, touches.who))
    in_order = replace(touches, channel=channel, channels=tuple(sorted(touches.channels)))
    return in_order.where(order)


def _journeys(touches: Touches, ends: _Ends) -> _Walks:
    journey = _count_before(touches, ends, ties=False)
    is_open = np.append(ends.who, -1)[journey] != touches.who
    person = np.cumsum(_changes(touches.who[is_open])) - 1
    journey[is_open] = len(ends.who) + person
    never = np.iinfo(np.int64).min
    ended = np.concatenate([ends.at, np.full(person.max(initial=-1) + 1, never)])
    np.maximum.at(ended, journey[is_open], touches.at[is_open])
    return _Walks(journey, ended, len(ends.who))


def _count_before(rows: Touches | _Ends, others: Touches | _Ends, *, ties: bool) -> IntArray:
    """How many of `others` come before each of `rows`, or with `ties` at the same moment.

    Both must be in the order of person and moment.
    """
    is_row = np.repeat([False, True], [len(others.who), len(rows.who)])
    who, at = np.concatenate([others.who, rows.who]), np.concatenate([others.at, rows.at])
    in_order: BoolArray = is_row[np.lexsort((is_row == ties, at, who))]
    count: IntArray = np.cumsum(~in_order, dtype=np.int64)[in_order]
    return count


def _milestone(
    reached: Conversions | None, touches: Touches, walks: _Walks, order: IntArray
) -> IntArray:
    """For each journey where in `order` the touch stands that came last before its milestone."""
    none = len(order)
    marks = np.full(len(walks.ended), none)
    if reached is not None and none:
        found = _merged(reached)
        before = _count_before(found, touches, ties=True) - 1
        theirs = (before >= 0) & (touches.who[before] == found.who)
        # What came after the conversion is not of the journey that ended with it.
        theirs &= walks.is_open[before] | (walks.ended[walks.journey[before]] >= found.at)
        position = np.empty_like(order)
        position[order] = np.arange(none)
        np.minimum.at(marks, walks.journey[before[theirs]], position[before[theirs]])
    return np.where(marks < none, marks, -1)
