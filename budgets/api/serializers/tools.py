"""What the API shows and takes of marketing tools."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Team, User
from accounts.selectors import active_people_for, open_teams_for
from budgets.models import BudgetLine, Vendor
from core.api import MoneyOut, Seen


class ToolOut(serializers.Serializer[Any]):
    """A tool with its standing; ``yearly_reporting`` is at the budget rate named ``rate``."""

    id = serializers.IntegerField(source="tool.pk")
    name = serializers.CharField(source="tool.name")
    purpose = serializers.CharField(source="tool.purpose")
    team = serializers.IntegerField(source="tool.team_id")
    owner = serializers.IntegerField(source="tool.owner_id")
    owner_name = serializers.CharField(source="tool.owner.name")
    vendor = serializers.IntegerField(source="tool.vendor_id", allow_null=True)
    budget_line = serializers.IntegerField(source="tool.budget_line_id", allow_null=True)
    contract = serializers.CharField(source="tool.contract")
    starts_on = serializers.DateField(source="tool.starts_on")
    renews_on = serializers.DateField(source="renews", allow_null=True)
    notice_days = serializers.IntegerField(source="tool.notice_days")
    notice_by = serializers.DateField(allow_null=True)
    days_to_notice = serializers.IntegerField(allow_null=True)
    renews_itself = serializers.BooleanField(source="tool.renews_itself")
    is_cancelled = serializers.BooleanField(source="tool.is_cancelled")
    yearly = MoneyOut(source="tool.yearly")
    yearly_reporting = MoneyOut(source="yearly", allow_null=True)
    rate = serializers.CharField(allow_blank=True)
    seats = serializers.IntegerField(source="tool.seats", allow_null=True)
    active_users = serializers.IntegerField(source="active", allow_null=True)
    counted_on = serializers.DateField(allow_null=True)
    cost_per_active_user = MoneyOut(source="per_user", allow_null=True)
    note = serializers.CharField(source="tool.note")


class ToolIn(serializers.Serializer[Any]):
    """A tool under contract; ``yearly`` in its currency."""

    name = serializers.CharField(max_length=120)
    purpose = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    team = Seen(Team, open_teams_for)
    owner = Seen(User, active_people_for)
    vendor = serializers.PrimaryKeyRelatedField(
        queryset=Vendor.objects.filter(is_archived=False), required=False, allow_null=True, default=None
    )  # fmt: skip
    budget_line = Seen(BudgetLine, BudgetLine.objects.for_user, required=False, allow_null=True)
    contract = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    yearly = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    seats = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    starts_on = serializers.DateField()
    renews_on = serializers.DateField()
    notice_days = serializers.IntegerField(min_value=0, max_value=730, default=30)
    renews_itself = serializers.BooleanField(default=True)
    note = serializers.CharField(max_length=4_000, required=False, allow_blank=True, default="")


class ToolCancelIn(serializers.Serializer[Any]):
    """Why notice was given."""

    reason = serializers.CharField(max_length=4_000)


class UseIn(serializers.Serializer[Any]):
    """How many people used a tool in the month before a day."""

    name = serializers.CharField(max_length=120)
    day = serializers.DateField()
    active_users = serializers.IntegerField(min_value=0, max_value=1_000_000)


class UsesIn(serializers.Serializer[Any]):
    """Counts, all of them or none."""

    counts = UseIn(many=True, allow_empty=False)


class UsesOut(serializers.Serializer[Any]):
    """How many counts were new or changed."""

    kept = serializers.IntegerField()


class CountIn(serializers.Serializer[Any]):
    """One count of one tool."""

    day = serializers.DateField()
    active_users = serializers.IntegerField(min_value=0, max_value=1_000_000)


class FileIn(serializers.Serializer[Any]):
    """A contract or another file of the tool."""

    file = extend_schema_field(OpenApiTypes.BINARY)(serializers.FileField)()


class FileOut(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
