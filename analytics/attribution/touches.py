"""Touches and conversions as they happened, and what is done to them before they become paths."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from analytics.arrays import BoolArray, FloatArray, IntArray


class How(IntEnum):
    """In which way somebody met a channel. Each has a lookback of its own."""

    CLICK = 0
    VIEW = 1
    OFFLINE = 2


@dataclass(frozen=True, slots=True, eq=False)
class Touches:
    """T touches in any order, arrays (T,).

    `who` is a person or account as a number from 0, `at` the moment in microseconds since 1970 in
    UTC, `channel` a position in `channels`, `how` a member of How.
    """

    who: IntArray
    at: IntArray
    channel: IntArray
    how: IntArray
    channels: tuple[str, ...]

    def where(self, keep: BoolArray | IntArray) -> "Touches":
        """The touches with True in `keep` (T,), or at the positions it names, in their order."""
        return replace(
            self,
            who=self.who[keep],
            at=self.at[keep],
            channel=self.channel[keep],
            how=self.how[keep],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Conversions:
    """C conversions of one kind in any order, arrays (C,); `who` and `at` as in Touches."""

    who: IntArray
    at: IntArray
    value: FloatArray


def grouped(touches: Touches, groups: Mapping[str, str]) -> Touches:
    """Touches by channel groups of one's own; a channel that `groups` leaves out keeps its name."""
    names = [groups.get(name, name) for name in touches.channels]
    channels = tuple(sorted(set(names)))
    code = {name: number for number, name in enumerate(channels)}
    new_code = np.array([code[name] for name in names], dtype=np.int64)
    return replace(touches, channel=new_code[touches.channel], channels=channels)


def without(
    touches: Touches, *, channels: Collection[str] = (), people: Collection[int] = ()
) -> Touches:
    """Leave out channels (one's own brand, internal links) and people (one's own staff)."""
    left_out = [code for code, name in enumerate(touches.channels) if name in channels]
    keep = ~np.isin(touches.channel, left_out) & ~np.isin(touches.who, list(people))
    kept = touches.where(keep)
    codes = [code for code in range(len(touches.channels)) if code not in left_out]
    new_code = np.full(len(touches.channels), -1)
    new_code[codes] = np.arange(len(codes))
    return replace(
        kept,
        channel=new_code[kept.channel],
        channels=tuple(touches.channels[code] for code in codes),
    )


def joined(first: Touches, second: Touches) -> Touches:
    """Touches of two sources together, such as clicks and calls; `who` must mean the same."""
    channels = tuple(sorted({*first.channels, *second.channels}))
    code = {name: number for number, name in enumerate(channels)}
    parts = [
        np.array([code[name] for name in part.channels], dtype=np.int64)[part.channel]
        for part in (first, second)
    ]
    return Touches(
        who=np.concatenate([first.who, second.who]),
        at=np.concatenate([first.at, second.at]),
        channel=np.concatenate(parts),
        how=np.concatenate([first.how, second.how]),
        channels=channels,
    )


def accounts(who: IntArray, account_of: IntArray) -> IntArray:
    """The account of each person in `who`, so that a buying committee has one journey.

    `account_of` (people,) is -1 for people of no account: they stay alone, numbered behind the
    accounts.
    """
    behind = int(account_of.max(initial=-1)) + 1
    account = account_of[who]
    return np.where(account >= 0, account, behind + who)
