"""What the API shows and takes of bills; amounts are decimal text with their currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Team, User
from accounts.selectors import active_people_for, open_teams_for
from budgets.choices import BillKind
from budgets.models import Bill, BudgetLine, OrderLine, Vendor
from budgets.selectors.bills import billable_lines, nameable_lines
from campaigns.models import CampaignLine
from core.api import MoneyOut, Seen

MONTH = r"^\d{4}-\d{2}$"


class BillOut(serializers.ModelSerializer[Bill]):
    """A bill; ``held_because`` says why it waits, or what it was posted with a warning of."""

    vendor_name = serializers.CharField(source="vendor.name", read_only=True, default="")
    owner_name = serializers.CharField(source="owner.name", read_only=True)
    total = MoneyOut(read_only=True)

    class Meta:
        model = Bill
        fields = [
            "id", "kind", "number", "vendor", "vendor_name", "team", "owner", "owner_name",
            "currency", "total", "dated", "due_on", "state", "held_because", "note", "corrects",
            "entered_by", "entered_at", "posted_at", "version",
        ]  # fmt: skip


class BillLineOut(serializers.Serializer[Any]):
    """A line; ``borne`` is in the budget line's currency at the named rate, once it is posted.

    ``used`` is what it uses of its order in the order's currency; its rate is named where the
    bill is in another.

    ``imported``, ``billed`` and ``counts`` are given where platforms reported spend of the
    campaign line's month: they are one cost, and ``counts`` is what counts.
    """

    position = serializers.IntegerField()
    description = serializers.CharField()
    order_line = serializers.IntegerField(allow_null=True)
    order = serializers.CharField(allow_blank=True)
    budget_line = serializers.IntegerField(allow_null=True)
    campaign_line = serializers.IntegerField(allow_null=True)
    month = serializers.CharField()
    amount = MoneyOut()
    borne = MoneyOut(allow_null=True)
    rate = serializers.DecimalField(max_digits=20, decimal_places=10, allow_null=True)
    rate_name = serializers.CharField(allow_blank=True)
    fx_difference = MoneyOut(allow_null=True)
    used = MoneyOut(allow_null=True)
    used_rate = serializers.DecimalField(max_digits=20, decimal_places=10, allow_null=True)
    used_rate_name = serializers.CharField(allow_blank=True)
    is_whole_month = serializers.BooleanField()
    imported = MoneyOut(allow_null=True)
    billed = MoneyOut(allow_null=True)
    counts = MoneyOut(allow_null=True)


class EntryOut(serializers.Serializer[Any]):
    """One entry of the commitment ledger."""

    budget_line = serializers.IntegerField()
    campaign_line = serializers.IntegerField(allow_null=True)
    month = serializers.CharField()
    committed = MoneyOut()
    accrued = MoneyOut()
    billed = MoneyOut()
    at = serializers.DateTimeField()
    who = serializers.CharField()
    why = serializers.CharField()


class BillDetailOut(serializers.Serializer[Any]):
    """A bill with its lines and what it wrote."""

    bill = BillOut()
    lines = BillLineOut(many=True)
    entries = EntryOut(many=True)


class BillLineIn(serializers.Serializer[Any]):
    """One line: for an ``order_line``, or a ``budget_line``, or for neither yet."""

    description = serializers.CharField(max_length=200, required=False, default="")
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)
    month = serializers.RegexField(MONTH)
    order_line = Seen(OrderLine, nameable_lines, required=False, allow_null=True, default=None)
    budget_line = Seen(
        BudgetLine, BudgetLine.objects.for_user, required=False, allow_null=True, default=None
    )
    campaign_line = Seen(
        CampaignLine, CampaignLine.objects.for_user, required=False, allow_null=True, default=None
    )
    is_whole_month = serializers.BooleanField(required=False, default=False)
    gl_code = serializers.CharField(max_length=40, required=False, default="")
    cost_centre = serializers.CharField(max_length=40, required=False, default="")


class BillIn(serializers.Serializer[Any]):
    """A bill; ``corrects`` is the invoice that a credit note is about. Accruals have their own address."""

    kind = serializers.ChoiceField(choices=BillKind.choices, default=BillKind.INVOICE)
    number = serializers.CharField(max_length=60, required=False, default="")
    vendor = serializers.PrimaryKeyRelatedField(
        queryset=Vendor.objects.filter(is_archived=False), required=False, allow_null=True,
        default=None,
    )  # fmt: skip
    team = Seen(Team, open_teams_for)
    owner = Seen(User, active_people_for)
    currency = serializers.RegexField(r"^[A-Za-z]{3}$")
    dated = serializers.DateField()
    due_on = serializers.DateField(required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=4_000, required=False, allow_blank=True, default="")
    corrects = Seen(Bill, Bill.objects.for_user, required=False, allow_null=True, default=None)
    lines = BillLineIn(many=True)


class MatchIn(serializers.Serializer[Any]):
    """What a line is for; ``month`` left out keeps the line's own."""

    line = serializers.IntegerField(min_value=1, help_text="The line's position on the bill.")
    order_line = Seen(OrderLine, nameable_lines, required=False, allow_null=True, default=None)
    budget_line = Seen(
        BudgetLine, BudgetLine.objects.for_user, required=False, allow_null=True, default=None
    )
    campaign_line = Seen(
        CampaignLine, CampaignLine.objects.for_user, required=False, allow_null=True, default=None
    )
    month = serializers.RegexField(MONTH, required=False, default="", allow_blank=True)
    is_whole_month = serializers.BooleanField(required=False, default=False)


class MatchesIn(serializers.Serializer[Any]):
    """What the lines are for; left empty, the bill is posted as it stands."""

    matches = MatchIn(many=True, required=False, default=list)


class SuggestionOut(serializers.Serializer[Any]):
    """An order line that a line may belong to, and why; ``open`` in the order's currency."""

    line = serializers.IntegerField()
    order_line = serializers.IntegerField()
    order = serializers.CharField()
    open = MoneyOut()
    month = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
    is_exact = serializers.BooleanField()


class BillReasonIn(serializers.Serializer[Any]):
    """Why something is done to a bill."""

    reason = serializers.CharField(max_length=4_000)


class AccrualIn(serializers.Serializer[Any]):
    """A part of an order that counts as used before its invoice comes."""

    order_line = Seen(OrderLine, billable_lines)
    month = serializers.RegexField(MONTH)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)
    next_month = serializers.BooleanField(
        required=False, default=False, help_text="End it on the first day of the next month."
    )
    note = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class LeftOut(serializers.Serializer[Any]):
    bill = serializers.IntegerField()
    why = serializers.CharField()


class AcceptedOut(serializers.Serializer[Any]):
    """Bills that were posted, and those that stay with the reason."""

    posted = serializers.ListField(child=serializers.IntegerField())
    left = LeftOut(many=True)


class PartOut(serializers.Serializer[Any]):
    """A campaign line's share of a month; ``why`` says which of report and bills counts."""

    campaign_line = serializers.IntegerField(allow_null=True)
    imported = MoneyOut(allow_null=True)
    billed = MoneyOut()
    held = MoneyOut()
    open = MoneyOut()
    actual = MoneyOut(allow_null=True)
    why = serializers.CharField(allow_blank=True)


class DocumentOut(serializers.Serializer[Any]):
    """An order or bill with what it brings to the month."""

    title = serializers.CharField()
    reserved = MoneyOut()
    committed = MoneyOut()
    billed = MoneyOut()


class MonthDetailOut(serializers.Serializer[Any]):
    """A line's month and what its numbers are made of."""

    month = serializers.CharField()
    planned = MoneyOut()
    reserved = MoneyOut()
    committed = MoneyOut()
    actual = MoneyOut(allow_null=True)
    available = MoneyOut()
    parts = PartOut(many=True)
    documents = DocumentOut(many=True)
