"""Moves of planned money between lines, as requests ask for them: what they mean and whether they can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import Team, User
from budgets.models import BudgetLine, Draw, LedgerTransaction
from budgets.rules.checks import Stage
from budgets.rules.month_names import month_name
from budgets.rules.moves import Move, Place, moved, nets, read_moves, shared_path
from budgets.selectors.locks import require_unlocked
from budgets.selectors.plans import accounts_at
from budgets.selectors.rates import in_reporting, local_day
from budgets.services.checks import Ask, Warning_, require_floor, spending_check
from budgets.services.ledger import Leg, line_leg, source_leg, transfer
from campaigns.models import CampaignLine
from core import formats
from core.errors import Invalid
from core.events import Actor
from core.models import Organisation
from core.money import MICROS, Money, minor_digits
from core.once import once
from core.periods import Period


@dataclass(frozen=True, slots=True)
class LineMove:
    """Money into (plus) or out of (minus) a line's month, or a campaign line's part of it."""

    line: BudgetLine
    campaign_line: CampaignLine | None
    period: Period
    micros: int

    @property
    def month(self) -> str:
        return self.period.key

    @property
    def place(self) -> Place:
        return Place(
            self.line.pk, self.month, self.campaign_line.pk if self.campaign_line else None
        )

    @property
    def amount(self) -> Money:
        return Money(self.micros, self.line.currency)

    @property
    def name(self) -> str:
        """The campaign line's name, else the budget line's."""
        return str(self.campaign_line or self.line)


def resolve(payload: Mapping[str, Any], *, least: int = 2) -> list[LineMove]:
    """The moves of a payload with their lines and months; raises ``Invalid`` when one is gone."""
    moves = read_moves(payload, least=least)
    return list(once(("moves", moves), lambda: _resolved(moves)))


def _resolved(moves: Sequence[Move]) -> list[LineMove]:
    lines = BudgetLine.objects.select_related("team", "channel", "owner", "fiscal_year")
    known = lines.in_bulk({move.place.budget_line for move in moves})
    parts = CampaignLine.objects.select_related(
        "campaign__team", "campaign__owner", "channel"
    ).in_bulk({move.place.campaign_line for move in moves if move.place.campaign_line})
    months = _months(line.fiscal_year.year for line in known.values())
    try:
        return [
            LineMove(
                known[move.place.budget_line],
                parts[move.place.campaign_line] if move.place.campaign_line else None,
                _month(known[move.place.budget_line], move.place.month, months),
                move.micros,
            )
            for move in moves
        ]
    except KeyError as error:
        raise _unseen() from error


def _unseen() -> Invalid:
    return Invalid("A line of this request does not exist, or you may not see it.", where="moves")


def by_currency(moves: Iterable[LineMove]) -> list[tuple[str, int]]:
    """(currency, micros) of each move."""
    return [(move.line.currency, move.micros) for move in moves]


def require_possible(moves: Sequence[LineMove], *, user: User, at: datetime) -> None:
    """Raise ``Invalid`` unless the person sees every line and each move can be made now."""
    ids = {move.line.pk for move in moves}
    if BudgetLine.objects.for_user(user).filter(pk__in=ids).count() < len(ids):
        raise _unseen()
    today = local_day(at)
    for move in moves:
        _require_open(move, today)
    _require_drawn(moves)
    require_unlocked((move.line.fiscal_year, move.line.currency, move.micros) for move in moves)
    _require_covered(moves)


def month_of(line: BudgetLine, month: str) -> Period:
    """The days of a month of the line's fiscal year; raises ``Invalid`` for any other month."""
    return _month(line, month, _months([line.fiscal_year.year]))


def _months(years: Iterable[int]) -> dict[int, dict[str, Period]]:
    """Fiscal year -> its months by key."""
    calendar = Organisation.current().calendar
    return {year: {month.key: month for month in calendar.months(year)} for year in set(years)}


def _month(line: BudgetLine, month: str, months: Mapping[int, Mapping[str, Period]]) -> Period:
    period = months[line.fiscal_year.year].get(month)
    if period is None:
        raise Invalid(f"{month_name(month)} is not a month of {line.fiscal_year}.", where="month")
    return period


def _require_open(move: LineMove, today: date) -> None:
    if move.period.end < today:
        raise Invalid(
            f"{move.period.label} is over, so its plan stays as it is.",
            where="month",
            remedy="Choose a month that is still running or to come.",
        )


def _require_drawn(moves: Sequence[LineMove]) -> None:
    rows = Draw.objects.filter(budget_line__in={move.line.pk for move in moves})
    drawn = set(rows.values_list("budget_line", "campaign_line"))
    for move in moves:
        part = move.campaign_line
        if part and (move.line.pk, part.pk) not in drawn:
            raise Invalid(f"{part} is not paid from {move.line}.", where="moves")


def _require_covered(moves: Sequence[LineMove]) -> None:
    accounts = accounts_at(move.place for move in moves)
    for move in moves:
        account = accounts.get(move.place)
        holds = account.balance_micros if account else 0
        if holds + move.micros < 0:
            held, wanted = Money(holds, move.line.currency), -move.amount
            raise Invalid(
                f"{move.name} has {held} to give in {move.period.label}, not {wanted}.",
                code="not_enough",
                where="moves",
                remedy="Take less.",
            )
        _require_payable(move, holds)


def _require_payable(move: LineMove, holds: int) -> None:
    """Nobody pays less than the minor unit; what lies there as a fraction of it may be moved away."""
    currency = move.line.currency
    unit = MICROS // 10 ** minor_digits(currency)
    if move.micros % unit and (holds + move.micros) % unit:
        least = formats.money_exact(Money(unit, currency))
        raise Invalid(
            f"{abs(move.amount).amount:f} {currency} for {move.name} is not a multiple of {least}, "
            f"the least that is paid in {currency}.",
            code="minor_unit",
            where="moves",
            remedy="Round the amount.",
        )


def require_named_currency(payload: Mapping[str, Any], moves: Iterable[LineMove]) -> None:
    """Raise ``Invalid`` where a payload names a currency that none of its lines has."""
    named, known = payload.get("currency"), sorted({move.line.currency for move in moves})
    if named and named not in known:
        raise Invalid(
            f"The request says {named}, but its lines are in {' and '.join(known)}.",
            code="other_currency",
            where="currency",
            remedy="Leave the currency out, or name the one of the lines.",
        )


def asks_of(moves: Iterable[LineMove]) -> list[Ask]:
    """What moves ask of the plan of each line's month."""
    return [Ask(m.line, m.month, m.campaign_line, planned=m.micros) for m in moves]


def require_affordable(moves: Sequence[LineMove], *, at: datetime) -> list[Warning_]:
    """What the spending checks say of plan that is taken away.

    Raises ``Conflict`` where a check stops it (``over_budget``), and always where orders
    hold the money (``committed_floor``).
    """
    asks = asks_of(moves)
    require_floor(asks)
    return spending_check(asks, Stage.REQUESTS, at=at)


def versions_of(moves: Iterable[LineMove]) -> dict[Place, int]:
    """The version of every account as it is now; 0 for one that never held money."""
    places = [move.place for move in moves]
    accounts = accounts_at(places)
    return {p: accounts[p].version if p in accounts else 0 for p in places}


def team_above(moves: Sequence[LineMove]) -> Team:
    """The nearest team above all lines: its people decide."""
    path = shared_path([move.line.team.path for move in moves])
    team = Team.objects.filter(path=path).first()
    if team is None:
        raise Invalid("These lines belong to teams that nobody leads together.", where="moves")
    return team


def amount_of(moves: Iterable[LineMove], at: datetime) -> Money:
    """What changes place, absolute, in the reporting currency at the budget rates of the day."""
    return in_reporting(moved(by_currency(moves)), local_day(at))


def move_money(
    moves: Sequence[LineMove],
    *,
    key: str,
    kind: str,
    reason: str,
    actor: Actor,
    at: datetime,
    request_id: int,
    versions: Mapping[Place, int],
) -> LedgerTransaction:
    """Write the moves to the ledger; what does not net to zero comes from or goes back to the source.

    ``versions`` are those of the accounts that were approved: the ledger refuses any other.
    """
    legs = [
        line_leg(m.line, m.month, m.micros, m.campaign_line, version=versions[m.place])
        for m in moves
    ]
    legs += _source_legs(moves)
    return transfer(
        legs=legs, key=key, kind=kind, reason=reason, actor=actor, at=at, request_id=request_id
    )


def _source_legs(moves: Sequence[LineMove]) -> list[Leg]:
    years = {move.line.fiscal_year for move in moves}
    return [
        source_leg(year, currency, -micros)
        for year in years
        for currency, micros in nets(
            by_currency(m for m in moves if m.line.fiscal_year == year)
        ).items()
        if micros
    ]
