"""Planned amounts of many cells, and many lines, as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from accounts.selectors import active_people_for
from budgets.models import BudgetLine, LedgerEntry
from core.api import AMOUNT, Seen, money_out
from core.money import Money


class CellIn(serializers.Serializer[Any]):
    """What a cell is to hold; ``version`` is the one that was read with it.

    Without a campaign line it is the line's whole month.
    """

    line = serializers.IntegerField()
    month = serializers.RegexField(r"^\d{4}-\d{2}$")
    campaign_line = serializers.IntegerField(required=False, allow_null=True, default=None)
    amount = serializers.RegexField(r"^\d{1,13}(\.\d{1,6})?$")
    version = serializers.IntegerField(min_value=0)


class CellsIn(serializers.Serializer[Any]):
    """Up to 6,000 cells to change together, all or none; ``dry_run`` says what would happen and keeps nothing."""

    cells = CellIn(many=True)
    reason = serializers.CharField(max_length=4_000)
    dry_run = serializers.BooleanField(default=False)


class CellsOut(serializers.Serializer[Any]):
    """``at_once`` cells were given out of free money; the rest is request number ``request``."""

    done = serializers.BooleanField()
    at_once = serializers.IntegerField()
    asked = serializers.IntegerField()
    request = serializers.IntegerField(allow_null=True)


class PlanMonthOut(serializers.Serializer[Any]):
    month = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    shut = serializers.CharField(allow_blank=True)


class PlanRowOut(serializers.Serializer[Any]):
    """A budget line or a campaign line's part of it: an amount and a version for each month."""

    line = serializers.IntegerField()
    campaign_line = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    team = serializers.CharField()
    channel = serializers.CharField()
    channel_name = serializers.CharField()
    owner = serializers.CharField()
    gl_code = serializers.CharField(allow_blank=True)
    cost_centre = serializers.CharField(allow_blank=True)
    currency = serializers.CharField()
    digits = serializers.IntegerField()
    amounts = serializers.ListField(child=serializers.CharField())
    versions = serializers.ListField(child=serializers.IntegerField())
    pending = serializers.ListField(child=serializers.IntegerField())


class PlanRowsOut(serializers.Serializer[Any]):
    """The plan of a fiscal year; ``rates`` are fractions into ``currency`` for each month."""

    fiscal_year = serializers.IntegerField()
    currency = serializers.CharField()
    may_edit = serializers.BooleanField()
    lock = serializers.CharField(allow_blank=True)
    months = PlanMonthOut(many=True)
    rates = serializers.DictField(
        child=serializers.ListField(
            child=serializers.ListField(child=serializers.CharField(), allow_null=True)
        )
    )
    rows = PlanRowOut(many=True)


class LinesIn(serializers.Serializer[Any]):
    """Lines and what they get; what is left out stays, "" empties a code."""

    lines = Seen(BudgetLine, BudgetLine.objects.for_user, many=True)
    owner = Seen(User, active_people_for, required=False)
    gl_code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    cost_centre = serializers.CharField(max_length=40, required=False, allow_blank=True)


class LinesOut(serializers.Serializer[Any]):
    changed = serializers.IntegerField()


class LegOut(serializers.Serializer[Any]):
    """One line or campaign line of a change, by how much and to what."""

    line = serializers.IntegerField(source="account.budget_line_id")
    name = serializers.CharField(source="account.__str__")
    campaign_line = serializers.IntegerField(source="account.campaign_line_id", allow_null=True)
    month = serializers.CharField(source="account.month")
    change = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()

    @extend_schema_field(AMOUNT)
    def get_change(self, leg: LedgerEntry) -> Any:
        return money_out(Money(leg.amount_micros, leg.account.currency))

    @extend_schema_field(AMOUNT)
    def get_after(self, leg: LedgerEntry) -> Any:
        return money_out(Money(leg.balance_micros, leg.account.currency))


class PlanChangeOut(serializers.Serializer[Any]):
    """One change of plans; ``request`` is null for what was only given out."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    who = serializers.CharField(source="actor_name")
    why = serializers.CharField(source="reason")
    request = serializers.IntegerField(source="request_id", allow_null=True)
    legs = LegOut(many=True)
