"""Files in sight: those of the orders, bills and tools that a person sees."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import User
from budgets.models import Attachment, Bill, Order, Tool


def attachments_for(user: User) -> QuerySet[Attachment]:
    """Files of what the person may see."""
    inside = (
        Q(order__in=Order.objects.for_user(user))
        | Q(bill__in=Bill.objects.for_user(user))
        | Q(tool__in=Tool.objects.for_user(user))
    )
    return Attachment.objects.filter(inside).select_related(
        "order__team", "bill__team", "tool__team", "added_by"
    )
