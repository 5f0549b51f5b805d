"""One change to many budget lines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from budgets.models import BudgetLine
from core.forms import offer

# What empties a code: a blank field leaves it as it is.
EMPTY = "-"


class LinesForm(forms.Form):
    """Owner and codes for chosen lines; what is left blank stays."""

    ids = forms.TypedMultipleChoiceField(coerce=int, required=False)
    owner = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="Leave as it is"
    )
    gl_code = forms.CharField(max_length=40, required=False, label="Account in the books")
    cost_centre = forms.CharField(max_length=40, required=False, label="Cost centre")

    def __init__(self, visible: QuerySet[BudgetLine], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "ids", [(pk, str(pk)) for pk in visible.values_list("pk", flat=True)])
        owners = User.objects.filter(is_active=True, memberships__role__in=["director", "manager"])
        offer(self, "owner", owners.distinct())

    def code(self, name: str) -> str | None:
        """What a code becomes; None leaves it."""
        given: str = self.cleaned_data[name].strip()
        return None if not given else "" if given == EMPTY else given
