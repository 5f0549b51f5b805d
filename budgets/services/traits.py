"""What moves tell the approval policy besides their amount: share of a plan, channels, risk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from approvals.choices import Risk
from approvals.services import Traits
from budgets.models import LedgerAccount
from budgets.rules.moves import Place
from budgets.selectors import local_day
from budgets.services.moves import LineMove
from campaigns.choices import RUNNING

ALL_OF_IT = Decimal(100)
# More than this of a running campaign line's month, taken away, stops what it was planned for.
MUCH = Decimal(50)
# Up to this, within what platforms vary by themselves from day to day.
LITTLE = Decimal(10)
# A line this near its end has no time left to learn from a change, or to win back from one.
LAST_DAYS = timedelta(days=7)


def traits_of(moves: Sequence[LineMove], *, at: datetime) -> Traits:
    """The largest share of a planned amount that changes, the channels, and the risk.

    High risk: more than half of a running campaign line's month is taken away, or a running
    campaign line is within seven days of its end. Low: nothing changes by more than a tenth
    and no running campaign line gives. Normal: the rest.
    """
    shares = _shares(moves)
    return Traits(
        percent=max(shares, default=None),
        channels=tuple(sorted(_channels(moves))),
        risk=_risk(moves, shares, local_day(at)),
    )


def _channels(moves: Iterable[LineMove]) -> set[str]:
    return {
        (move.campaign_line.channel if move.campaign_line else move.line.channel).key
        for move in moves
    }


def _shares(moves: Sequence[LineMove]) -> list[Decimal]:
    """For each move, how much of what is planned in its place changes, in percent."""
    planned = _planned(moves)
    return [_share(move.micros, planned.get(move.place, 0)) for move in moves]


def _share(change: int, planned: int) -> Decimal:
    """A place without a plan changes by all of it."""
    return abs(Decimal(change)) * 100 / planned if planned > 0 else ALL_OF_IT


def _planned(moves: Sequence[LineMove]) -> dict[Place, int]:
    """Micros of each place: a campaign line's part, or the whole of a budget line's month."""
    lines = {move.line.pk for move in moves}
    months = {move.month for move in moves}
    rows = LedgerAccount.objects.filter(budget_line__in=lines, month__in=months)
    found: dict[Place, int] = {}
    for account in rows:
        line = account.budget_line_id or 0
        for part in {account.campaign_line_id, None}:
            place = Place(line, account.month, part)
            found[place] = found.get(place, 0) + account.balance_micros
    return found


def _risk(moves: Sequence[LineMove], shares: Sequence[Decimal], today: date) -> str:
    running = [
        (move, share) for move, share in zip(moves, shares, strict=True) if _is_running(move, today)
    ]
    if any(_is_near_its_end(move, today) for move, _ in running):
        return Risk.HIGH.value
    if any(move.micros < 0 and share > MUCH for move, share in running):
        return Risk.HIGH.value
    gives = any(move.micros < 0 for move, _ in running)
    is_little = max(shares, default=ALL_OF_IT) <= LITTLE
    return Risk.LOW.value if is_little and not gives else Risk.NORMAL.value


def _is_running(move: LineMove, today: date) -> bool:
    line = move.campaign_line
    if line is None or line.campaign.status not in RUNNING:
        return False
    end = line.ends_on or line.campaign.flight_end
    return end is None or end >= today


def _is_near_its_end(move: LineMove, today: date) -> bool:
    line = move.campaign_line
    end = (line.ends_on or line.campaign.flight_end) if line else None
    return end is not None and end - today <= LAST_DAYS
