"""How days grow from age to age, as learnt once for each batch of facts."""

from __future__ import annotations

from datetime import date

from django.db import models

from metrics.models import Batch


class MaturityCurve(models.Model):
    """How a platform's days grow from age to age, as learnt from what was known at a batch.

    Arrays have one place for each age from 0; see ``analytics.maturity.Curve``. ``looked`` says on
    which day each source last brought something: a day's age is counted from there.
    """

    # A platform, or ``channel:<key>`` for lines of none.
    platform = models.CharField(max_length=80)
    measure = models.CharField(max_length=20)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    known_at = models.DateTimeField()
    learnt_at = models.DateTimeField()
    # What ``scatter`` of an amount is in; "" of counts.
    currency = models.CharField(max_length=3, blank=True)
    first_age = models.PositiveSmallIntegerField()
    last_age = models.PositiveSmallIntegerField()
    only_grows = models.BooleanField()
    # Why there is no curve; "" when there is one.
    reason = models.CharField(max_length=24, blank=True)
    factor = models.JSONField()
    scatter = models.JSONField()
    error = models.JSONField()
    pairs = models.JSONField()
    looked = models.JSONField()

    class Meta:
        ordering = ["platform", "measure", "-known_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "measure", "batch"], name="insights_curve_once_a_batch"
            )
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.measure} at batch {self.batch_id}"

    @property
    def sources(self) -> dict[int, date]:
        """Source -> the day on which it last brought something."""
        return {int(number): date.fromisoformat(day) for number, day in self.looked.items()}
