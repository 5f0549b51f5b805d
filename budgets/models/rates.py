"""Dated exchange rates."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

USER = settings.AUTH_USER_MODEL


class FxRate(models.Model):
    """Units of ``quote`` for one unit of ``base``, from a day on; the older ones stay."""

    class Kind(models.TextChoices):
        BUDGET = "budget", "Budget rate"
        SPOT = "spot", "Spot rate"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    valid_from = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.CharField(max_length=120)
    entered_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    # The change request by which a second person confirmed it; empty for the product's own.
    request_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["base", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "base", "quote", "valid_from"], name="budgets_rate_once"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="budgets_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate.normalize():f} {self.quote} from {self.valid_from}"
