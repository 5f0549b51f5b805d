"""What the API shows and takes of budgets; amounts are decimal text with their currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Team, User
from accounts.selectors import active_people_for, open_teams_for
from budgets.models import BudgetLine, FiscalYear
from campaigns.models import CampaignLine, Channel
from core.api import MoneyOut, Seen


class YearOut(serializers.ModelSerializer[FiscalYear]):
    class Meta:
        model = FiscalYear
        fields = ["id", "year", "starts_on", "ends_on"]


class YearIn(serializers.Serializer[FiscalYear]):
    year = serializers.IntegerField(min_value=2000, max_value=2100)


class LineOut(serializers.ModelSerializer[BudgetLine]):
    """A budget line and the campaign lines it pays for."""

    fiscal_year = serializers.IntegerField(source="fiscal_year.year", read_only=True)
    channel: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        slug_field="key", read_only=True
    )
    team_name = serializers.CharField(source="team.name", read_only=True)
    owner_name = serializers.CharField(source="owner.name", read_only=True)

    class Meta:
        model = BudgetLine
        fields = [
            "id", "name", "fiscal_year", "team", "team_name", "channel", "owner", "owner_name",
            "currency", "gl_code", "campaign_lines",
        ]  # fmt: skip


class LineIn(serializers.Serializer[BudgetLine]):
    """A budget line without money; money comes by request."""

    name = serializers.CharField(max_length=160)
    fiscal_year = serializers.SlugRelatedField(slug_field="year", queryset=FiscalYear.objects.all())
    team = Seen(Team, open_teams_for)
    channel = serializers.SlugRelatedField(slug_field="key", queryset=Channel.objects.all())
    owner = Seen(User, active_people_for)
    currency = serializers.RegexField(r"^[A-Za-z]{3}$")
    gl_code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    campaign_lines = Seen(CampaignLine, CampaignLine.objects.for_user, many=True, required=False)


class LineChange(serializers.Serializer[BudgetLine]):
    """What can change of a line."""

    name = serializers.CharField(max_length=160)
    owner = Seen(User, active_people_for)
    gl_code = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    campaign_lines = Seen(CampaignLine, CampaignLine.objects.for_user, many=True)


class MonthOut(serializers.Serializer[Any]):
    """A line's month; ``actual`` is null where no source has reported spend."""

    month = serializers.CharField()
    planned = MoneyOut()
    reserved = MoneyOut()
    committed = MoneyOut()
    actual = MoneyOut(allow_null=True)
    available = MoneyOut()


class LineMonthsOut(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    name = serializers.CharField()
    months = MonthOut(many=True)


class MonthTableOut(serializers.Serializer[Any]):
    """Every visible line of a fiscal year by month; ``gaps`` say what could not be counted."""

    fiscal_year = serializers.IntegerField()
    as_of = serializers.DateTimeField(allow_null=True)
    gaps = serializers.ListField(child=serializers.CharField())
    lines = LineMonthsOut(many=True)


class ChangeOut(serializers.Serializer[Any]):
    """One change of a planned amount."""

    at = serializers.DateTimeField()
    who = serializers.CharField()
    why = serializers.CharField()
    change = MoneyOut()
    after = MoneyOut()
    request = serializers.IntegerField(allow_null=True)


class PlanIn(serializers.Serializer[Any]):
    """A planned amount of a line's month, or of a campaign line's part of it."""

    campaign_line = serializers.IntegerField(required=False, allow_null=True, default=None)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)
    reason = serializers.CharField(max_length=4_000)


class PlanOut(serializers.Serializer[Any]):
    """Done at once, or asked for: then ``request`` is the number of the request."""

    done = serializers.BooleanField()
    request = serializers.IntegerField(allow_null=True)
