"""Month-end as the API shows and takes it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import User
from accounts.selectors import active_people_for
from budgets.choices import SignoffKind
from budgets.models import BudgetLine
from budgets.rules.closing import FOR_ORDERS, FOR_OVERSPENT, FOR_UNSPENT
from core.api import MoneyOut, Seen


class ClosingCheckOut(serializers.Serializer[Any]):
    """One thing to be done before the month is closed."""

    label = serializers.CharField()  # type: ignore[assignment]
    left = serializers.IntegerField()
    text = serializers.CharField()


class CloseLineOut(serializers.Serializer[Any]):
    """A line's month: what is left of its plan, and what would become of it.

    ``goes_to`` is the budget line that takes what is rolled forward: in the last month of a
    year one of the next; ``why_not`` says why there is none.
    """

    line = serializers.IntegerField(source="line.pk")
    name = serializers.CharField(source="line.name")
    planned = MoneyOut()
    actual = MoneyOut(allow_null=True)
    rest = MoneyOut()
    treatment = serializers.CharField(source="month.treatment")
    options = serializers.ListField(child=serializers.CharField())
    goes_to = serializers.IntegerField(source="goes_to.pk", default=None, allow_null=True)
    why_not = serializers.CharField(allow_blank=True)


class CloseOrderOut(serializers.Serializer[Any]):
    """An order line that still holds money of the month."""

    order_line = serializers.IntegerField(source="line.pk")
    reference = serializers.CharField(source="line.order.reference")
    held = MoneyOut(source="amount")
    left = MoneyOut()
    is_overdue = serializers.BooleanField()
    is_waiting = serializers.BooleanField()
    treatment = serializers.CharField(source="held.treatment")
    options = serializers.ListField(child=serializers.CharField())
    goes_to = serializers.IntegerField(source="goes_to.pk", default=None, allow_null=True)
    why_not = serializers.CharField(allow_blank=True)


class MonthCloseOut(serializers.Serializer[Any]):
    """A month of the books: closed, next to be closed, over or still open, with its worklist."""

    month = serializers.CharField()
    state = serializers.ChoiceField(choices=["closed", "next", "over", "open"])
    closed_by = serializers.CharField(allow_blank=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    request = serializers.IntegerField(allow_null=True)
    against = serializers.ListField(child=serializers.CharField())
    checks = ClosingCheckOut(many=True)
    lines = CloseLineOut(many=True)
    orders = CloseOrderOut(many=True)


class LineChoice(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    treatment = serializers.ChoiceField(choices=[str(t) for t in (*FOR_UNSPENT, *FOR_OVERSPENT)])


class OrderChoice(serializers.Serializer[Any]):
    order_line = serializers.IntegerField()
    treatment = serializers.ChoiceField(choices=[str(t) for t in FOR_ORDERS])


class CloseIn(serializers.Serializer[Any]):
    """What becomes of open money; what is not named gets the proposal that the month shows."""

    reason = serializers.CharField(max_length=4_000)
    lines = LineChoice(many=True, required=False)
    orders = OrderChoice(many=True, required=False)


class CloseOut(serializers.Serializer[Any]):
    """Closed at once, or asked for: then ``request`` is the number of the request."""

    done = serializers.BooleanField()
    request = serializers.IntegerField(allow_null=True)


class ReopenIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=4_000)


class SubjectOut(serializers.Serializer[Any]):
    """A budget line, campaign or target and its owner's signature for a month."""

    kind = serializers.ChoiceField(choices=SignoffKind.choices)
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    owner = serializers.IntegerField(source="owner.pk")
    owner_name = serializers.CharField(source="owner.name")
    figures = serializers.DictField(child=serializers.CharField())
    is_signed = serializers.BooleanField()
    has_changed = serializers.BooleanField()
    wants_note = serializers.BooleanField()
    comment = serializers.CharField(source="signed.comment", default="")
    signed_at = serializers.DateTimeField(source="signed.at", default=None, allow_null=True)


class SubjectIn(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=SignoffKind.choices)
    id = serializers.IntegerField()


class SignIn(serializers.Serializer[Any]):
    """What is signed, with one comment for all of it."""

    subjects = SubjectIn(many=True)
    comment = serializers.CharField(max_length=4_000)


class SignedOut(serializers.Serializer[Any]):
    signed = serializers.IntegerField()


class RemindIn(serializers.Serializer[Any]):
    """Whom to remind; nobody named means everybody who has still to sign."""

    owners = Seen(User, active_people_for, many=True, required=False)


class RemindedOut(serializers.Serializer[Any]):
    reminded = serializers.ListField(child=serializers.CharField())


class VarianceOut(serializers.Serializer[Any]):
    """Planned against actual of a line's month, with the newest comment."""

    line = serializers.IntegerField(source="line.pk")
    name = serializers.CharField(source="line.name")
    planned = MoneyOut()
    actual = MoneyOut(allow_null=True)
    variance = MoneyOut()
    share = serializers.DecimalField(max_digits=20, decimal_places=6, allow_null=True)
    is_notable = serializers.BooleanField()
    is_missing = serializers.BooleanField()
    comment = serializers.CharField(source="note.text", default="")
    comment_by = serializers.CharField(source="note.by.name", default="")


class NoteIn(serializers.Serializer[Any]):
    line = Seen(BudgetLine, BudgetLine.objects.for_user)
    text = serializers.CharField(max_length=4_000)
