"""The fields of the change to many campaigns, for the list that selects them."""

from __future__ import annotations

from typing import Any

from django import template

from accounts.permissions import person
from campaigns.forms import BulkForm
from campaigns.models import Campaign

register = template.Library()


@register.inclusion_tag("campaigns/_bulk.html", takes_context=True)
def campaign_bulk_fields(context: dict[str, Any]) -> dict[str, Any]:
    """State, owner, reason and the button; ``campaigns:bulk`` takes what they send."""
    return {"bulk": BulkForm(person(context["request"]), Campaign.objects.none())}
