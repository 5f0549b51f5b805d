"""What the API shows and takes of vendors, orders, spending checks and files."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Team, User
from accounts.selectors import active_people_for, open_teams_for
from budgets.choices import CheckLevel, OrderKind
from budgets.models import Attachment, BudgetLine, Order, OrderLine, SpendingCheck, Vendor
from budgets.rules.splits import Way
from campaigns.models import CampaignLine, Channel
from core.api import MoneyOut, Seen


class VendorOut(serializers.ModelSerializer[Vendor]):
    class Meta:
        model = Vendor
        fields = ["id", "name", "code", "currency", "email", "payment_days", "note", "is_archived"]


class VendorIn(serializers.Serializer[Vendor]):
    name = serializers.CharField(max_length=160)
    currency = serializers.RegexField(r"^[A-Za-z]{3}$")
    code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    payment_days = serializers.IntegerField(min_value=0, max_value=365, required=False)
    note = serializers.CharField(max_length=4_000, required=False, allow_blank=True)


class VendorChange(VendorIn):
    """Some fields of a vendor; ``is_archived`` puts it away or brings it back."""

    name = serializers.CharField(max_length=160, required=False)
    currency = serializers.RegexField(r"^[A-Za-z]{3}$", required=False)
    is_archived = serializers.BooleanField(required=False)


class OrderLineOut(serializers.ModelSerializer[OrderLine]):
    """One month of one budget line: in the order's currency, and as the line bears it."""

    amount = MoneyOut()
    borne = MoneyOut()
    billed = serializers.SerializerMethodField()
    left = serializers.SerializerMethodField()
    budget_line_name = serializers.CharField(source="budget_line.name", read_only=True)

    class Meta:
        model = OrderLine
        fields = [
            "id", "description", "budget_line", "budget_line_name", "campaign_line", "month",
            "amount", "borne", "billed", "left", "rate", "rate_name", "gl_code", "cost_centre",
            "blanket_line",
        ]  # fmt: skip

    @extend_schema_field(MoneyOut)
    def get_billed(self, line: OrderLine) -> Any:
        return MoneyOut().to_representation(self.context["lines"][line.pk].billed)

    @extend_schema_field(MoneyOut)
    def get_left(self, line: OrderLine) -> Any:
        return MoneyOut().to_representation(self.context["lines"][line.pk].left)


class OrderOut(serializers.ModelSerializer[Order]):
    """An order with what was ordered, billed and is left, in its own currency."""

    reference = serializers.CharField(read_only=True)
    vendor_name = serializers.CharField(source="vendor.name", default="", read_only=True)
    team_name = serializers.CharField(source="team.name", read_only=True)
    owner_name = serializers.CharField(source="owner.name", read_only=True)
    ordered = serializers.SerializerMethodField()
    billed = serializers.SerializerMethodField()
    left = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields = [
            "id", "reference", "kind", "title", "state", "vendor", "vendor_name", "team",
            "team_name", "owner", "owner_name", "currency", "ordered_on", "expected_on", "reason",
            "blanket", "replaces", "request_id", "version", "ordered", "billed", "left",
        ]  # fmt: skip

    def _sum(self, order: Order, name: str) -> Any:
        amount = getattr(self.context["orders"][order.pk], name)
        return None if amount is None else MoneyOut().to_representation(amount)

    @extend_schema_field(MoneyOut)
    def get_ordered(self, order: Order) -> Any:
        return self._sum(order, "ordered")

    @extend_schema_field(MoneyOut)
    def get_billed(self, order: Order) -> Any:
        return self._sum(order, "billed")

    @extend_schema_field(MoneyOut)
    def get_left(self, order: Order) -> Any:
        return self._sum(order, "left")


class OrderDetailOut(OrderOut):
    """The same with its lines, and what can be done about it."""

    lines = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()

    class Meta(OrderOut.Meta):
        fields = [*OrderOut.Meta.fields, "lines", "warnings"]

    @extend_schema_field(OrderLineOut(many=True))
    def get_lines(self, order: Order) -> Any:  # noqa: ARG002
        rows = [line for line in self.context["line_rows"] if not line.is_dropped]
        return OrderLineOut(rows, many=True, context=self.context).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_warnings(self, order: Order) -> Any:  # noqa: ARG002
        return self.context.get("warnings", [])


class OrderLineIn(serializers.Serializer[Any]):
    """A line; ``line`` is its number when it exists, ``blanket_line`` what a release takes from."""

    line = serializers.IntegerField(required=False, allow_null=True, default=None)
    description = serializers.CharField(max_length=200)
    budget_line = Seen(BudgetLine, BudgetLine.objects.for_user)
    campaign_line = Seen(
        CampaignLine, CampaignLine.objects.for_user, required=False, allow_null=True, default=None
    )
    month = serializers.RegexField(r"^\d{4}-\d{2}$")
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    gl_code = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    cost_centre = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    blanket_line = serializers.IntegerField(required=False, allow_null=True, default=None)


class OrderIn(serializers.Serializer[Any]):
    """Everything an order says; it replaces what it said before."""

    title = serializers.CharField(max_length=160)
    vendor = serializers.PrimaryKeyRelatedField(
        queryset=Vendor.objects.all(), required=False, allow_null=True, default=None
    )
    team = Seen(Team, open_teams_for)
    owner = Seen(User, active_people_for)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    ordered_on = serializers.DateField()
    expected_on = serializers.DateField()
    reason = serializers.CharField(max_length=4_000)
    lines = OrderLineIn(many=True)
    version = serializers.IntegerField(required=False, allow_null=True, default=None)


class OrderNew(OrderIn):
    """A new order: its kind, what it releases from or replaces, and whether it is sent at once."""

    kind = serializers.ChoiceField(choices=OrderKind.choices, default=OrderKind.ORDER)
    blanket = Seen(Order, Order.objects.for_user, required=False, allow_null=True, default=None)
    replaces = Seen(Order, Order.objects.for_user, required=False, allow_null=True, default=None)
    send = serializers.BooleanField(default=False)


class OrderActionIn(serializers.Serializer[Any]):
    """``submit`` sends a draft; ``close``, ``cancel`` and ``reopen`` need a reason."""

    action = serializers.ChoiceField(choices=["submit", "close", "cancel", "reopen"])
    reason = serializers.CharField(max_length=4_000, required=False, allow_blank=True, default="")


class OrdersChangeIn(serializers.Serializer[Any]):
    """What changes of every order; a field that is left out stays as it is."""

    orders = Seen(Order, Order.objects.for_user, many=True)
    expected_on = serializers.DateField(required=False, allow_null=True, default=None)
    owner = Seen(User, active_people_for, required=False, allow_null=True, default=None)
    cost_centre = serializers.CharField(
        max_length=40, required=False, allow_null=True, allow_blank=True, default=None
    )
    gl_code = serializers.CharField(
        max_length=40, required=False, allow_null=True, allow_blank=True, default=None
    )
    close = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=4_000)


class OrdersChangeOut(serializers.Serializer[Any]):
    changed = serializers.IntegerField()


class SplitIn(serializers.Serializer[Any]):
    """An amount to split into parts; shares are percentages or amounts."""

    total = serializers.DecimalField(max_digits=14, decimal_places=2)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    count = serializers.IntegerField(min_value=1, max_value=200)
    way = serializers.ChoiceField(choices=[way.value for way in Way], default=Way.EQUALLY.value)
    shares = serializers.ListField(
        child=serializers.DecimalField(max_digits=16, decimal_places=6),
        required=False,
        default=list,
    )


class SplitOut(serializers.Serializer[Any]):
    parts = serializers.ListField(child=MoneyOut())


class CheckOut(serializers.ModelSerializer[SpendingCheck]):
    class Meta:
        model = SpendingCheck
        fields = [
            "id", "budget_line", "team", "channel", "requests", "orders", "actuals", "cumulative",
        ]  # fmt: skip


class CheckIn(serializers.Serializer[Any]):
    """What happens for a budget line, or for a team and a channel (neither: everything)."""

    budget_line = Seen(
        BudgetLine, BudgetLine.objects.for_user, required=False, allow_null=True, default=None
    )
    team = Seen(Team, open_teams_for, required=False, allow_null=True, default=None)
    channel = serializers.PrimaryKeyRelatedField(
        queryset=Channel.objects.all(), required=False, allow_null=True, default=None
    )
    requests = serializers.ChoiceField(choices=CheckLevel.choices)
    orders = serializers.ChoiceField(choices=CheckLevel.choices)
    actuals = serializers.ChoiceField(choices=CheckLevel.choices)
    cumulative = serializers.ChoiceField(choices=CheckLevel.choices)


class AttachmentOut(serializers.ModelSerializer[Attachment]):
    added_by_name = serializers.CharField(source="added_by.name", read_only=True)

    class Meta:
        model = Attachment
        fields = ["id", "name", "size", "sha256", "added_by", "added_by_name", "added_at"]


class AttachmentIn(serializers.Serializer[Any]):
    """A file of at most 20 MB; what it contains decides whether it is kept."""

    file = extend_schema_field(OpenApiTypes.BINARY)(serializers.FileField)()
