"""Targets from above beside the sums of lines, and the difference between the two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import scope_for
from budgets.models import BudgetLine, FiscalYear, TopDownTarget
from budgets.rules.fx import Quote
from budgets.selectors.months import rate_finder
from budgets.selectors.versions import NOW, plan_at, point
from campaigns.models import Channel
from core import formats
from core.models import Organisation
from core.money import Money, convert

# Numbers of a team and a channel, and a month; nothing stands for all of them.
Key = tuple[int | None, int | None, str]


@dataclass(frozen=True, slots=True)
class TopDownCell:
    """From above, from below, and how far the lines are away (plus: they plan more)."""

    key: Key
    target: Money | None
    planned: Money

    @property
    def difference(self) -> Money | None:
        if self.target is None or self.target.currency != self.planned.currency:
            return None
        return self.planned - self.target


@dataclass(frozen=True, slots=True)
class TopDownRow:
    team: Team | None
    cells: Sequence[TopDownCell]

    @property
    def label(self) -> str:
        return self.team.name if self.team else "All teams"

    @property
    def whole(self) -> TopDownCell:
        """All channels together; the last cell."""
        return self.cells[-1]


@dataclass(frozen=True, slots=True)
class TopDownTable:
    """Rows of teams, columns of channels (None: all), in the reporting currency."""

    year: FiscalYear
    month: str
    currency: str
    channels: Sequence[Channel | None]
    rows: Sequence[TopDownRow]
    rates: Sequence[Quote]
    gaps: Sequence[str]


def top_down_table(user: User, year: FiscalYear, month: str = "") -> TopDownTable:
    """Every team whose money the person sees; a team's sum holds the teams below it.

    The row of all teams shows only to those who see all of them.
    """
    currency, rates = Organisation.current().reporting_currency, rate_finder()
    scope = scope_for(user, Act.VIEW_MONEY)
    lines = BudgetLine.objects.for_user(user).filter(fiscal_year=year)
    sums = _sums(year, month, list(lines.select_related("team")), rates.find, currency)
    targets = targets_of(year, month)
    teams = list(Team.objects.filter(scope.where("path"), is_archived=False).order_by("path"))
    used = {line.channel_id for line in lines} | {channel for _, channel, _ in targets}
    channels = [*Channel.objects.filter(pk__in=[pk for pk in used if pk]), None]
    everything = scope.everything or any(team.path.count("/") == 1 for team in teams)
    rows = [
        TopDownRow(
            team, [_cell(team, channel, month, sums, targets, currency) for channel in channels]
        )
        for team in ([None] if everything else []) + _shown(teams, sums, targets)
    ]
    return TopDownTable(
        year, month, currency, channels, rows, list(rates.used.values()), list(rates.gaps)
    )


def targets_of(year: FiscalYear, month: str = "") -> Mapping[Key, TopDownTarget]:
    """Targets of the whole year, or of one month."""
    rows = TopDownTarget.objects.filter(fiscal_year=year, month=month)
    return {(row.team_id, row.channel_id, row.month): row for row in rows}


Sums = Mapping[tuple[str, int], int]
Find = Callable[[str, str, date], Quote | None]


def _sums(
    year: FiscalYear, month: str, lines: Sequence[BudgetLine], find: Find, currency: str
) -> Sums:
    """(team's path, channel) -> micros that its own lines plan, in the reporting currency."""
    plan = plan_at(year, point(year, NOW))
    sums: dict[tuple[str, int], int] = defaultdict(int)
    for line in lines:
        for period in Organisation.current().calendar.months(year.year):
            micros = plan.get((line.pk, period.key), 0)
            if not micros or (month and period.key != month):
                continue
            rate = find(line.currency, currency, period.start)
            if rate is not None:
                amount = convert(Money(micros, line.currency), rate.rate, currency)
                sums[line.team.path, line.channel_id] += amount.micros
    return sums


def _shown(teams: Sequence[Team], sums: Sums, targets: Mapping[Key, TopDownTarget]) -> list[Team]:
    """Teams that plan something, hold a target, or stand above one that does."""
    busy = {path for path, _ in sums} | {
        team.path for team in teams if any(team.pk == held for held, _, _ in targets)
    }
    return [team for team in teams if any(path.startswith(team.path) for path in busy)] or list(
        teams
    )


def _cell(
    team: Team | None,
    channel: Channel | None,
    month: str,
    sums: Sums,
    targets: Mapping[Key, TopDownTarget],
    currency: str,
) -> TopDownCell:
    key = (team.pk if team else None, channel.pk if channel else None, month)
    planned = sum(
        micros
        for (path, own), micros in sums.items()
        if (team is None or path.startswith(team.path)) and (channel is None or own == channel.pk)
    )
    target = targets.get(key)
    return TopDownCell(
        key,
        Money(target.amount_micros, target.currency) if target else None,
        Money(planned, currency),
    )


def difference_words(difference: Money, who: str) -> str:
    """ "Lines of Europe add up to €36k more than the target"."""
    if not difference:
        return f"Lines of {who} add up to the target"
    more = "more" if difference.micros > 0 else "less"
    return f"Lines of {who} add up to {formats.money(abs(difference))} {more} than the target"
