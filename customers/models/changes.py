"""What each batch changed of which record: for undoing it, and for what was known before."""

from __future__ import annotations

from django.db import models

from customers.choices import Entity
from metrics.models import Batch


class RecordChange(models.Model):
    """One record in one batch; ``before`` is empty where the batch brought it for the first time."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="record_changes")
    entity = models.CharField(max_length=12, choices=Entity.choices)
    record_id = models.BigIntegerField()
    before = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "entity", "record_id"], name="customers_change_once"
            )
        ]
        indexes = [models.Index(fields=["entity", "record_id"], name="customers_change_record")]

    def __str__(self) -> str:
        return f"{self.entity} {self.record_id} in {self.batch_id}"
