"""Which spending checks there are, and which of them decides for a budget line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q, QuerySet

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import scope_for
from budgets.choices import CheckLevel
from budgets.models import BudgetLine, SpendingCheck
from budgets.rules.checks import DEFAULT, CheckRow, Levels, deciding_row


def checks_for(user: User) -> QuerySet[SpendingCheck]:
    """The checks of lines and teams whose money the person sees, and those for everything."""
    scope = scope_for(user, Act.VIEW_MONEY)
    rows = SpendingCheck.objects.select_related("budget_line__team", "team", "channel")
    if scope.everything:
        return rows
    everywhere = Q(budget_line=None, team=None)
    lines = scope.where("budget_line__team__path") & Q(budget_line__isnull=False)
    teams = scope.where("team__path") & Q(team__isnull=False)
    return rows.filter(everywhere | lines | teams)


def levels_of(lines: Iterable[BudgetLine]) -> Mapping[int, Levels]:
    """Budget line -> what happens when more is asked of it than it has."""
    lines = list(lines)
    stored = SpendingCheck.objects.filter(Q(budget_line__in=lines) | Q(budget_line=None))
    rows = [_row(row) for row in stored.select_related("team")]
    return {line.pk: _levels(rows, line) for line in lines}


def _levels(rows: Iterable[CheckRow], line: BudgetLine) -> Levels:
    row = deciding_row(rows, line.pk, line.team.path, line.channel_id)
    return row.levels if row else DEFAULT


def _row(row: SpendingCheck) -> CheckRow:
    levels = Levels(
        CheckLevel(row.requests),
        CheckLevel(row.orders),
        CheckLevel(row.actuals),
        CheckLevel(row.cumulative),
    )
    team = row.team.path if row.team else None
    return CheckRow(levels, row.budget_line_id, team, row.channel_id)
