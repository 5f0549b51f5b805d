"""Daily series side by side, and what is known of them at a cut-off."""

from dataclasses import dataclass

import numpy as np

from analytics.arrays import FloatArray, IntArray, as_days, as_floats

WEEK = 7


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """S named series over D days without a gap in the calendar; values (S, D).

    NaN is a day of which nothing is known, which is not a day with nothing. A series belongs to
    the group that its name gives before its last "/"; a group is summed, so it holds one unit.

    Raises ValueError when shapes differ, a name repeats, a day is left out, or a value is infinite.
    """

    names: tuple[str, ...]
    days: IntArray
    values: FloatArray

    def __post_init__(self) -> None:
        days, values = as_days(self.days), as_floats(self.values)
        if values.shape != (len(self.names), len(days)):
            raise ValueError("values must have one row per name and one column per day")
        if len(set(self.names)) < len(self.names):
            raise ValueError("a name repeats")
        if (np.diff(days) != 1).any():
            raise ValueError("days must follow each other; an unknown day is a NaN")
        object.__setattr__(self, "days", days)
        object.__setattr__(self, "values", values)

    def until(self, day: int) -> "Panel":
        """What was known at the end of `day` (ordinal), without series that had not begun.

        Days after the last are unknown days.
        """
        days = np.arange(self.days[0], day + 1)
        values = np.full((len(self.names), len(days)), np.nan)
        seen = self.values[:, : len(days)]
        values[:, : seen.shape[1]] = seen
        begun = np.flatnonzero(~np.isnan(values).all(axis=1))
        return Panel(tuple(self.names[i] for i in begun), days, values[begun])

    def latest(self, days: int) -> "Panel":
        """The latest days only."""
        return Panel(self.names, self.days[-days:], self.values[:, -days:])


def groups_of(names: tuple[str, ...]) -> tuple[tuple[str, ...], IntArray]:
    """The groups in order of their names, and the group of each series as its number, shape (S,)."""
    own = [name.rpartition("/")[0] for name in names]
    found = tuple(sorted(set(own)))
    place = {name: i for i, name in enumerate(found)}
    return found, np.array([place[name] for name in own], dtype=np.int64)


def group_totals(values: FloatArray, group: IntArray, groups: int) -> FloatArray:
    """Sums of the members by day, (G, D). An unknown day of a member that has begun counts as its
    same weekday before it; NaN where no member has a day of its own."""
    filled = values.copy()
    for t in range(WEEK, filled.shape[1]):
        today = filled[:, t]
        filled[:, t] = np.where(np.isnan(today), filled[:, t - WEEK], today)
    totals = np.zeros((groups, values.shape[1]))
    known = np.zeros((groups, values.shape[1]), dtype=np.int64)
    np.add.at(totals, group, np.nan_to_num(filled))
    np.add.at(known, group, ~np.isnan(values))
    totals[known == 0] = np.nan
    return totals
