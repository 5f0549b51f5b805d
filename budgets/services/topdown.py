"""Setting targets from above, and spreading one over teams, channels or months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import may
from budgets.models import BudgetLine, FiscalYear, TopDownTarget
from budgets.rules.growth import shared_out
from budgets.rules.month_names import month_name
from budgets.selectors.topdown import Key, targets_of, top_down_table
from budgets.services.years import year_alone
from campaigns.models import Channel
from core import events
from core.errors import Invalid, NotAllowed
from core.models import Organisation
from core.money import Money

# Directors set them for their teams (as planners of whole teams), executives for any.
SETS_TARGETS = (Act.DRAFT_REQUEST, Act.DECIDE_MEDIUM)
TEAMS, CHANNELS, MONTHS = "teams", "channels", "months"
EQUAL, PERCENT, LAST_YEAR = "equal", "percent", "last_year"


@dataclass(frozen=True, slots=True)
class Spot:
    """What a target is for: no team is every team, no channel every channel, no month the year."""

    year: FiscalYear
    team: Team | None = None
    channel: Channel | None = None
    month: str = ""

    @property
    def key(self) -> Key:
        return (
            self.team.pk if self.team else None,
            self.channel.pk if self.channel else None,
            self.month,
        )

    @property
    def label(self) -> str:
        team = str(self.team) if self.team else "all teams"
        channel = str(self.channel) if self.channel else "all channels"
        return f"{self.year} {self.month or 'year'}, {team}, {channel}"


def may_set(user: User, team: Team | None) -> bool:
    """Whether a person sets targets for a team (None: for all of them)."""
    if team is None:
        roots = Team.objects.filter(parent=None, is_archived=False)
        return all(may_set(user, root) for root in roots)
    return any(may(user, act, team=team) for act in SETS_TARGETS)


@transaction.atomic
def target_set(
    *, user: User, spot: Spot, amount_micros: int | None, at: datetime
) -> TopDownTarget | None:
    """Set a target in the reporting currency, or remove it with None."""
    return _write(user, {spot: amount_micros}, at)[0]


@transaction.atomic
def targets_set(*, user: User, amounts: Mapping[Spot, int | None], at: datetime) -> int:
    """Set several at once, all or none; returns how many changed."""
    return len(_write(user, amounts, at))


@transaction.atomic
def target_spread(
    *,
    user: User,
    spot: Spot,
    over: str,
    by: str,
    percents: Mapping[str, Decimal] | None = None,
    at: datetime,
) -> list[TopDownTarget]:
    """Spread a target over the teams below, the channels or the months; the parts sum to it.

    ``by`` equal parts, ``percents`` (key of the part -> percent, 100 together), or as the
    lines of last year planned. Parts that have a target already get the new one.
    """
    targets = targets_of(spot.year, spot.month)
    whole = targets.get(spot.key)
    if whole is None:
        raise Invalid(f"There is no target for {spot.label} to spread.", where="spot")
    parts = parts_of(user, spot, over)
    weights = _weights(user, spot, parts, over, by, percents or {})
    amounts = shared_out(whole.amount_micros, weights)
    made = _write(user, dict(zip(parts.values(), amounts, strict=True)), at)
    return [row for row in made if row]


def parts_of(user: User, spot: Spot, over: str) -> dict[str, Spot]:
    """Key of a part (team, channel or month) -> what its target is for; raises ``Invalid`` without any."""
    year, team, channel, month = spot.year, spot.team, spot.channel, spot.month
    found: dict[str, Spot] = {}
    if over == TEAMS:
        below = Team.objects.filter(parent=team, is_archived=False).order_by("name")
        found = {str(one.pk): Spot(year, one, channel, month) for one in below}
    elif over == CHANNELS and channel is None:
        found = {one.key: Spot(year, team, one, month) for one in _channels(user, spot)}
    elif over == MONTHS and not month:
        months = Organisation.current().calendar.months(year.year)
        found = {one.key: Spot(year, team, channel, one.key) for one in months}
    if not found:
        raise Invalid(f"{spot.label} has no {over} to spread over.", where="over")
    return found


def _channels(user: User, spot: Spot) -> Sequence[Channel]:
    lines = BudgetLine.objects.for_user(user).filter(fiscal_year=spot.year)
    if spot.team:
        lines = lines.filter(team__path__startswith=spot.team.path)
    return list(Channel.objects.filter(pk__in=lines.values("channel")))


def _weights(
    user: User,
    spot: Spot,
    parts: Mapping[str, Spot],
    over: str,
    by: str,
    percents: Mapping[str, Decimal],
) -> list[int]:
    if by == EQUAL:
        return [1] * len(parts)
    if by == PERCENT:
        return _percents(parts, percents)
    if by != LAST_YEAR:
        raise Invalid("Choose how to spread.", where="by")
    before = FiscalYear.objects.filter(year=spot.year.year - 1).first()
    if before is None:
        raise Invalid(
            f"The books of FY{spot.year.year - 1} are not here.",
            where="by",
            remedy="Spread equally or by percent.",
        )
    keys = list(parts)
    months = [month.key for month in Organisation.current().calendar.months(before.year)]
    if over == MONTHS:
        return [_planned(user, before, spot, month) for month in months]
    month = _same_month(spot, months)
    return [_planned(user, before, parts[key], month) for key in keys]


def _same_month(spot: Spot, months: Sequence[str]) -> str:
    """The month of the year before at the same place of its year."""
    here = [month.key for month in Organisation.current().calendar.months(spot.year.year)]
    return months[here.index(spot.month)] if spot.month else ""


def _planned(user: User, year: FiscalYear, spot: Spot, month: str) -> int:
    table = top_down_table(user, year, month)
    wanted = spot.channel.pk if spot.channel else None
    for row in table.rows:
        if (row.team.pk if row.team else None) == (spot.team.pk if spot.team else None):
            return sum(cell.planned.micros for cell in row.cells if cell.key[1] == wanted)
    return 0


def _percents(parts: Mapping[str, Spot], percents: Mapping[str, Decimal]) -> list[int]:
    found = [percents.get(key, Decimal(0)) for key in parts]
    if set(percents) - set(parts):
        raise Invalid("A percent names no part.", where="percents")
    if sum(found) != 100 or min(found) < 0:
        raise Invalid(f"The percents add up to {sum(found)}, not to 100.", where="percents")
    return [int(percent * 10_000) for percent in found]


def _write(
    user: User, amounts: Mapping[Spot, int | None], at: datetime
) -> list[TopDownTarget | None]:
    """Under the row of the year, so that two people setting the same target come one after the other."""
    for year in {spot.year for spot in amounts}:
        year_alone(year)
    return [_one(user, spot, micros, at) for spot, micros in amounts.items()]


def _one(user: User, spot: Spot, micros: int | None, at: datetime) -> TopDownTarget | None:
    if not may_set(user, spot.team):
        who = spot.team or "all teams"
        raise NotAllowed(
            f"Targets for {who} are set by those who lead them, and by executives.",
            remedy="Ask the director.",
        )
    if micros is not None and micros < 0:
        raise Invalid("A target is not less than zero.", where="amount")
    if spot.month and spot.month not in _months(spot.year):
        raise Invalid(f"{month_name(spot.month)} is not a month of {spot.year}.", where="month")
    known = TopDownTarget.objects.filter(
        fiscal_year=spot.year, team=spot.team, channel=spot.channel, month=spot.month
    )
    before = known.first()
    if before is not None and before.amount_micros == micros:
        return before
    if micros is None:
        if before:
            _record(user, spot, before, None, at)
            known.delete()
        return None
    row, _ = TopDownTarget.objects.update_or_create(
        fiscal_year=spot.year, team=spot.team, channel=spot.channel, month=spot.month,
        defaults={
            "amount_micros": micros,
            "currency": Organisation.current().reporting_currency,
            "set_by": user,
            "set_at": at,
        },
    )  # fmt: skip
    _record(user, spot, before, row, at)
    return row


def _months(year: FiscalYear) -> set[str]:
    return {month.key for month in Organisation.current().calendar.months(year.year)}


def _record(
    user: User,
    spot: Spot,
    before: TopDownTarget | None,
    after: TopDownTarget | None,
    at: datetime,
) -> None:
    def told(row: TopDownTarget | None) -> dict[str, Any]:
        return {spot.label: str(Money(row.amount_micros, row.currency)) if row else None}

    events.record(
        actor=user.as_actor(),
        action="top_down_target.set",
        subject=after or before or spot.year,
        at=at,
        before=told(before),
        after=told(after),
        team_path=spot.team.path if spot.team else "",
        live=["budgets"],
    )
