"""Spending checks: which row decides, and whether a month (or the year so far) can bear what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from budgets.choices import CheckLevel
from budgets.rules.position import Part, Position, position

# (campaign line or 0) -> what holds and uses the month there
Parts = Mapping[int, Part]


class Stage(StrEnum):
    """At which moment a line is asked for money."""

    REQUESTS = "requests"
    ORDERS = "orders"
    ACTUALS = "actuals"


@dataclass(frozen=True, slots=True)
class Levels:
    """What happens at each stage, and for the sum of the year's months up to the one in question."""

    requests: CheckLevel = CheckLevel.WARN
    orders: CheckLevel = CheckLevel.STOP
    actuals: CheckLevel = CheckLevel.WARN
    cumulative: CheckLevel = CheckLevel.WARN

    def at(self, stage: Stage) -> CheckLevel:
        """The level of a stage."""
        return CheckLevel(getattr(self, stage.value))


# Where nobody has said anything.
DEFAULT = Levels()


@dataclass(frozen=True, slots=True)
class CheckRow:
    """Levels for one budget line, or for a team (by path) and a channel; nothing of all is everything."""

    levels: Levels
    line: int | None = None
    team: str | None = None
    channel: int | None = None

    def covers(self, line: int, team: str, channel: int) -> bool:
        """Whether it speaks of a budget line."""
        if self.line is not None:
            return self.line == line
        return (self.team is None or team.startswith(self.team)) and self.channel in (None, channel)

    @property
    def rank(self) -> tuple[bool, bool, int, bool]:
        """The larger decides: line; team and channel; nearest team; channel."""
        has_team, has_channel = self.team is not None, self.channel is not None
        return (
            self.line is not None,
            has_team and has_channel,
            len(self.team or ""),
            has_channel,
        )


def deciding_row(rows: Iterable[CheckRow], line: int, team: str, channel: int) -> CheckRow | None:
    """The most specific row that covers a budget line; None leaves the product's own levels."""
    found = [row for row in rows if row.covers(line, team, channel)]
    return max(found, key=lambda row: row.rank, default=None)


@dataclass(frozen=True, slots=True)
class Claim:
    """What is asked of one month of a line: micros, plus holds or uses more, minus lets go.

    ``planned`` is minus where a request takes plan away.
    """

    month: str
    campaign_line: int = 0
    planned: int = 0
    reserved: int = 0
    committed: int = 0
    accrued: int = 0
    billed: int = 0
    whole_bills: int = 0

    def on(self, part: Part) -> Part:
        """The part with the claim on it."""
        return Part(
            reserved=part.reserved + self.reserved,
            committed=part.committed + self.committed,
            accrued=part.accrued + self.accrued,
            billed=part.billed + self.billed,
            whole_bills=part.whole_bills + self.whole_bills,
            imported=part.imported,
        )


@dataclass(frozen=True, slots=True)
class MonthBooks:
    """A line's month: its plan and its parts."""

    planned: int = 0
    parts: Parts = field(default_factory=dict)

    @property
    def now(self) -> Position:
        """As it stands."""
        return position(self.planned, self.parts.values())

    def after(self, claims: Sequence[Claim]) -> Position:
        """As it would stand."""
        parts = dict(self.parts)
        for claim in claims:
            parts[claim.campaign_line] = claim.on(parts.get(claim.campaign_line, Part()))
        return position(self.planned + sum(c.planned for c in claims), parts.values())


@dataclass(frozen=True, slots=True)
class Shortage:
    """By how much a month, or the year up to it, would be overdrawn: micros, positive."""

    month: str
    micros: int
    level: CheckLevel
    is_cumulative: bool = False


def shortages(
    books: Mapping[str, MonthBooks], claims: Sequence[Claim], levels: Levels, stage: Stage
) -> list[Shortage]:
    """What the claims on one line would overdraw, month by month and added up.

    ``books`` holds every month of the year in order. A month counts when it is asked for
    more than before, also where an order takes the place of its own reservation.
    """
    by_month: dict[str, list[Claim]] = {}
    for claim in claims:
        by_month.setdefault(claim.month, []).append(claim)
    found: list[Shortage] = []
    so_far = 0
    for month, book in books.items():
        asked = by_month.get(month, [])
        now, then = book.now.available, book.after(asked).available
        so_far += then
        if not _asks_more(asked, now, then):
            continue
        if then < 0:
            found.append(Shortage(month, -then, levels.at(stage)))
        if so_far < 0:
            found.append(Shortage(month, -so_far, levels.cumulative, is_cumulative=True))
    return [short for short in found if short.level != CheckLevel.IGNORE]


def _asks_more(claims: Sequence[Claim], now: int, then: int) -> bool:
    return bool(claims) and (then < now or sum(claim.committed for claim in claims) > 0)


def uncovered(found: Position) -> int:
    """How much of what orders hold the plan does not cover any more."""
    return min(found.committed, max(0, found.committed + (found.actual or 0) - found.planned))


def breaks_floor(book: MonthBooks, claims: Sequence[Claim]) -> bool:
    """Whether plan is taken away that orders hold: committed money cannot be moved."""
    return uncovered(book.after(claims)) > uncovered(book.now)
