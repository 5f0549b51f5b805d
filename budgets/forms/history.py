"""The filter of how plans changed."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.permissions import person
from accounts.selectors import teams_in_sight
from budgets.models import BudgetLine, LedgerEntry, LedgerTransaction
from campaigns.models import Channel


def lines_in_sight(request: HttpRequest | None) -> QuerySet[BudgetLine]:
    if request is None:
        return BudgetLine.objects.none()
    return BudgetLine.objects.for_user(person(request))


class ChangeFilter(filters.FilterSet):
    """Changes of plans by kind, line, team, channel, month, person and day."""

    kind = filters.MultipleChoiceFilter(choices=LedgerTransaction.Kind.choices)
    line = filters.ModelChoiceFilter(queryset=lines_in_sight, method="keep_touching", label="Line")
    team = filters.ModelChoiceFilter(queryset=teams_in_sight, method="keep_touching", label="Team")
    channel = filters.ModelChoiceFilter(
        queryset=Channel.objects.all(), method="keep_touching", label="Channel"
    )
    month = filters.CharFilter(method="keep_touching", label="Month, such as 2026-12")
    actor_name = filters.CharFilter(lookup_expr="icontains", label="Who")
    since = filters.DateFilter(field_name="at", lookup_expr="date__gte", label="Since")

    PATHS = {
        "line": "account__budget_line",
        "team": "account__budget_line__team",
        "channel": "account__budget_line__channel",
        "month": "account__month",
    }

    class Meta:
        model = LedgerTransaction
        fields = ["kind", "line", "team", "channel", "month", "actor_name", "since"]

    def keep_touching(
        self, rows: QuerySet[LedgerTransaction], name: str, value: Any
    ) -> QuerySet[LedgerTransaction]:
        """Transactions with an entry there."""
        there = LedgerEntry.objects.filter(**{self.PATHS[name]: value})
        return rows.filter(pk__in=there.values("transaction"))
