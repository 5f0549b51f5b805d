"""What the API shows and takes of versions, locks, targets from above and scenarios."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.models import Team
from accounts.selectors import open_teams_for
from budgets.choices import ScenarioSource
from budgets.models import BudgetVersion, FiscalYear, PlanLock, Scenario
from budgets.services.topdown import CHANNELS, EQUAL, LAST_YEAR, MONTHS, PERCENT, TEAMS
from campaigns.models import Channel
from core.api import MoneyOut, Seen

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"
AMOUNT: dict[str, Any] = {"max_digits": 14, "decimal_places": 2, "min_value": 0}


class BudgetVersionOut(serializers.ModelSerializer[BudgetVersion]):
    """A named point of the plan; ``upto`` is the newest ledger transaction that it holds."""

    fiscal_year = serializers.IntegerField(source="fiscal_year.year", read_only=True)
    made_by = serializers.CharField(source="made_by.name", read_only=True, allow_null=True)

    class Meta:
        model = BudgetVersion
        fields = [
            "id", "fiscal_year", "number", "name", "note", "upto", "is_baseline", "made_by",
            "made_at",
        ]  # fmt: skip


class BudgetVersionIn(serializers.Serializer[Any]):
    """A name for the plan of this moment."""

    name = serializers.CharField(max_length=80)
    note = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")


class PlanLockOut(serializers.ModelSerializer[PlanLock]):
    """How far the plan of a year is locked: ``total`` or ``all``, by which request and version."""

    locked_by = serializers.CharField(source="locked_by.name", read_only=True)

    class Meta:
        model = PlanLock
        fields = ["level", "version", "locked_by", "locked_at", "reason", "request_id"]


class BudgetVersionsOut(serializers.Serializer[Any]):
    """The versions of a year, the newest first, and its lock if there is one."""

    lock = PlanLockOut(allow_null=True)
    versions = BudgetVersionOut(many=True)


class DifferenceOut(serializers.Serializer[Any]):
    """A planned amount at two points; ``line`` and ``month`` are null in a sum."""

    line = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    month = serializers.CharField(allow_null=True)
    old = MoneyOut()
    new = MoneyOut()
    change = MoneyOut()


class ComparisonOut(serializers.Serializer[Any]):
    """Two points of a plan; ``totals`` are of every visible line, one for each currency."""

    old = serializers.CharField()
    new = serializers.CharField()
    cells = DifferenceOut(many=True)
    totals = DifferenceOut(many=True)


class TopDownOut(serializers.Serializer[Any]):
    """From above, the sum of lines, and their difference; null where there is no target."""

    team = serializers.IntegerField(allow_null=True)
    channel = serializers.CharField(allow_null=True)
    target = MoneyOut(allow_null=True)
    planned = MoneyOut()
    difference = MoneyOut(allow_null=True)


class TopDownTableOut(serializers.Serializer[Any]):
    """Targets of a year, or of one month, in the reporting currency at budget rates."""

    fiscal_year = serializers.IntegerField()
    month = serializers.CharField(allow_blank=True)
    currency = serializers.CharField()
    targets = TopDownOut(many=True)
    gaps = serializers.ListField(child=serializers.CharField())


class _SpotIn(serializers.Serializer[Any]):
    team = Seen(Team, open_teams_for, required=False, allow_null=True, default=None)
    channel = serializers.SlugRelatedField(
        slug_field="key", queryset=Channel.objects.all(), required=False, allow_null=True,
        default=None,
    )  # fmt: skip
    month = serializers.RegexField(MONTH, required=False, allow_blank=True, default="")


class TopDownIn(_SpotIn):
    """A target in the reporting currency; a null amount removes it.

    No team is every team, no channel every channel, no month the whole year.
    """

    amount = serializers.DecimalField(allow_null=True, **AMOUNT)


class TopDownsIn(serializers.Serializer[Any]):
    """Targets that are set together, all or none."""

    targets = TopDownIn(many=True, allow_empty=False)


class TopDownSpreadIn(_SpotIn):
    """A target to share out; ``percents`` by team number, channel key or month, 100 together."""

    over = serializers.ChoiceField(choices=[TEAMS, CHANNELS, MONTHS])
    by = serializers.ChoiceField(choices=[EQUAL, PERCENT, LAST_YEAR])
    percents = serializers.DictField(
        child=serializers.DecimalField(max_digits=7, decimal_places=4, min_value=0), required=False
    )


class ChangedAmountsOut(serializers.Serializer[Any]):
    """How many amounts changed."""

    changed = serializers.IntegerField()


class ScenarioOut(serializers.ModelSerializer[Scenario]):
    """A scenario; ``request_id`` is the change request that adopting it made."""

    fiscal_year = serializers.IntegerField(source="fiscal_year.year", read_only=True)
    owner = serializers.CharField(source="owner.name", read_only=True)

    class Meta:
        model = Scenario
        fields = [
            "id", "name", "note", "fiscal_year", "team", "owner", "state", "request_id",
            "made_at", "changed_at",
        ]  # fmt: skip


class ScenarioCellOut(serializers.Serializer[Any]):
    month = serializers.CharField()
    amount = MoneyOut()


class ScenarioLineOut(serializers.Serializer[Any]):
    """A line of a scenario; without a budget line it is one that adopting makes."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    budget_line = serializers.IntegerField(allow_null=True)
    team = serializers.IntegerField()
    channel = serializers.CharField()
    cells = ScenarioCellOut(many=True)


class ScenarioRangeOut(serializers.Serializer[Any]):
    """Low, middle and high; null where history is too thin."""

    low = serializers.DecimalField(max_digits=30, decimal_places=2, allow_null=True)
    mid = serializers.DecimalField(max_digits=30, decimal_places=2, allow_null=True)
    high = serializers.DecimalField(max_digits=30, decimal_places=2, allow_null=True)


class ScenarioOutlookOut(serializers.Serializer[Any]):
    """What a channel's spend may bring, and what that rests on."""

    channel = serializers.CharField()
    planned = MoneyOut()
    revenue = ScenarioRangeOut()
    conversions = ScenarioRangeOut()
    months_of_history = serializers.IntegerField()
    why = serializers.CharField()


class ScenarioWholeOut(serializers.Serializer[Any]):
    """A scenario with its lines, its total in the reporting currency, and what it may bring."""

    scenario = ScenarioOut()
    total = MoneyOut()
    lines = ScenarioLineOut(many=True)
    expected = ScenarioOutlookOut(many=True)


class ScenarioIn(serializers.Serializer[Any]):
    """A new scenario and what it begins with; ``percent`` grows every amount."""

    name = serializers.CharField(max_length=80)
    note = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")
    fiscal_year = serializers.SlugRelatedField(slug_field="year", queryset=FiscalYear.objects.all())
    team = Seen(Team, open_teams_for)
    source: serializers.ChoiceField = serializers.ChoiceField(  # type: ignore[assignment]
        choices=ScenarioSource.choices, default=ScenarioSource.PLAN
    )
    version = serializers.PrimaryKeyRelatedField(
        queryset=BudgetVersion.objects.all(), required=False, allow_null=True, default=None
    )
    percent = serializers.DecimalField(
        max_digits=6, decimal_places=2, required=False, default=Decimal(0)
    )
    quarter = serializers.RegexField(
        r"^\d{4}-Q[1-4]$", required=False, allow_blank=True, default=""
    )


class ScenarioCellIn(serializers.Serializer[Any]):
    line = serializers.IntegerField(min_value=1)
    month = serializers.RegexField(MONTH)
    amount = serializers.DecimalField(**AMOUNT)


class ScenarioCellsIn(serializers.Serializer[Any]):
    """Amounts of a scenario in the currency of their lines."""

    cells = ScenarioCellIn(many=True, allow_empty=False)


class ScenarioToolIn(serializers.Serializer[Any]):
    """``grow`` by ``percent``, ``shift`` by ``by`` months, or ``spread`` a ``total`` of ``currency``."""

    tool = serializers.ChoiceField(choices=["grow", "shift", "spread"])
    percent = serializers.DecimalField(max_digits=6, decimal_places=2, required=False)
    by = serializers.IntegerField(min_value=-11, max_value=11, required=False)
    total = serializers.DecimalField(required=False, **AMOUNT)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    channel = serializers.CharField(required=False, allow_blank=True, default="")
    team = Seen(Team, open_teams_for, required=False, allow_null=True, default=None)
    months = serializers.ListField(child=serializers.RegexField(MONTH), required=False)


class ScenarioLineIn(serializers.Serializer[Any]):
    """A line of a scenario: the budget line of that name, else a new one."""

    name = serializers.CharField(max_length=160)
    team = Seen(Team, open_teams_for)
    channel = serializers.SlugRelatedField(slug_field="key", queryset=Channel.objects.all())
    currency = serializers.RegexField(r"^[A-Z]{3}$")


class BusinessCaseIn(serializers.Serializer[Any]):
    """A business case: cost now and the gain of each month, in micros of a currency."""

    currency = serializers.RegexField(r"^[A-Z]{3}$")
    cost_micros = serializers.IntegerField(min_value=1)
    monthly_gain_micros = serializers.DictField(
        child=serializers.IntegerField(), help_text="low, mid and high"
    )
    months = serializers.IntegerField(min_value=1, max_value=120)
    yearly_rate = serializers.RegexField(r"^[01](\.\d+)?$", required=False)


class ScenarioAdoptIn(serializers.Serializer[Any]):
    """Why the plan should become the scenario; a draft unless ``send``."""

    reason = serializers.CharField(max_length=4_000)
    send = serializers.BooleanField(required=False, default=False)
    case = BusinessCaseIn(required=False, allow_null=True, default=None)


class ScenarioAdoptionOut(serializers.Serializer[Any]):
    """The request, the lines that were made, and what stays because its month is over or closed."""

    request = serializers.IntegerField()
    lines_made = serializers.ListField(child=serializers.IntegerField())
    stays = serializers.ListField(child=serializers.CharField())
